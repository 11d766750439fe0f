// What dockerode does, against the daemon of DOCKER_HOST: unversioned paths, no upgrades. Prints
// "N passed, M failed" and how many calls it has made.
"use strict";

const assert = require("node:assert");
const { PassThrough } = require("node:stream");
const Docker = require("dockerode");

const LEAST_CALLS = 60;
const FOREVER = ["sh", "-c", "echo up; while :; do sleep 0.1; done"];
const IMAGE = "busybox:latest";

const docker = new Docker({ socketPath: process.env.DOCKER_HOST.replace("unix://", "") });
let calls = 0;
const dial = docker.modem.dial.bind(docker.modem);
docker.modem.dial = (options, callback) => {
  calls += 1;
  return dial(options, callback);
};

const tests = [];
const test = (name, body) => tests.push({ name, body });

function textOf(stream) {
  return new Promise((resolve, reject) => {
    const out = new PassThrough();
    let text = "";
    out.on("data", (part) => (text += part));
    docker.modem.demuxStream(stream, out, out);
    stream.on("end", () => resolve(text));
    stream.on("close", () => resolve(text));
    stream.on("error", reject);
  });
}

async function fails(status, call) {
  try {
    await call();
  } catch (error) {
    assert.strictEqual(error.statusCode, status, error.message);
    return error;
  }
  throw new Error(`no error instead of ${status}`);
}

async function withContainer(options, body) {
  const container = await docker.createContainer({ Image: IMAGE, Cmd: FOREVER, ...options });
  try {
    await body(container);
  } finally {
    await container.remove({ force: true, v: true }).catch((error) => {
      if (error.statusCode !== 404) throw error;
    });
  }
}

test("pulls with progress", async () => {
  const stream = await docker.pull(IMAGE);
  const lines = await new Promise((resolve, reject) =>
    docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output))),
  );
  assert.ok(lines.some((line) => /Pulling from/.test(line.status)));
});

test("ping, version, info", async () => {
  assert.strictEqual(String(await docker.ping()), "OK");
  assert.match((await docker.version()).ApiVersion, /^\d\.\d+$/);
  assert.strictEqual((await docker.info()).OSType, "linux");
});

test("usage", async () => {
  const usage = await docker.df();
  assert.ok(Array.isArray(usage.Images) && Array.isArray(usage.Volumes));
});

test("images: list, inspect, tag, remove", async () => {
  const image = docker.getImage(IMAGE);
  const details = await image.inspect();
  assert.strictEqual(details.Os, "linux");
  assert.ok((await docker.listImages()).some((row) => row.Id === details.Id));
  await image.tag({ repo: "node-suite/again", tag: "v1" });
  assert.ok((await docker.getImage("node-suite/again:v1").inspect()).RepoTags.includes("node-suite/again:v1"));
  await docker.getImage("node-suite/again:v1").remove();
  await fails(404, () => docker.getImage("node-suite/again:v1").inspect());
});

test("images: prune, search, distribution", async () => {
  await docker.pruneImages({ filters: { label: ["nothing-has-this"] } });
  assert.deepStrictEqual(await docker.searchImages({ term: "busybox" }), []);
  assert.match((await docker.getImage(IMAGE).distribution()).Descriptor.digest, /^sha256:/);
});

test("unknown objects are 404", async () => {
  await fails(404, () => docker.getContainer("no-such").inspect());
  await fails(404, () => docker.getImage("no-such").inspect());
  await fails(404, () => docker.getVolume("no-such").inspect());
  await fails(404, () => docker.getPlugin("no-such").inspect());
  await fails(404, () => docker.createContainer({ Image: "no-such:none", Cmd: ["true"] }));
});

test("swarm is not there", async () => {
  await fails(503, () => docker.listNodes());
  await fails(503, () => docker.listServices());
  await fails(503, () => docker.listSecrets());
  await fails(503, () => docker.listConfigs());
  await fails(503, () => docker.listTasks());
  await fails(503, () => docker.swarmInspect());
  assert.deepStrictEqual(await docker.listPlugins(), []);
});

test("volumes", async () => {
  await docker.createVolume({ Name: "node-volume", Labels: { suite: "node" } });
  const { Volumes } = await docker.listVolumes({ filters: { label: ["suite=node"] } });
  assert.deepStrictEqual(Volumes.map((volume) => volume.Name), ["node-volume"]);
  await withContainer({ HostConfig: { Binds: ["node-volume:/data:ro"] } }, async (container) => {
    const [mount] = (await container.inspect()).Mounts;
    assert.strictEqual(mount.Name, "node-volume");
    assert.strictEqual(mount.RW, false);
    await fails(409, () => docker.getVolume("node-volume").remove());
  });
  await docker.getVolume("node-volume").remove();
  await docker.createVolume({ Name: "node-pruned", Labels: { suite: "pruned" } });
  const report = await docker.pruneVolumes({ filters: { all: ["true"], label: ["suite=pruned"] } });
  assert.deepStrictEqual(report.VolumesDeleted, ["node-pruned"]);
});

test("a container's life", async () => {
  await withContainer({ name: "node-life", Labels: { suite: "node" }, Env: ["A=1"] }, async (container) => {
    await container.start();
    assert.strictEqual((await container.inspect()).State.Status, "running");
    await container.start().catch((error) => assert.strictEqual(error.statusCode, 304));
    await container.rename({ name: "node-renamed" });
    const found = await docker.listContainers({ filters: { name: ["^/node-renamed$"] } });
    assert.deepStrictEqual(found.map((row) => row.Id), [container.id]);
    await fails(409, () => container.remove());
    await container.kill();
    assert.strictEqual((await container.wait()).StatusCode, 137);
    await fails(409, () => container.kill());
    await container.restart();
    await container.stop();
    assert.strictEqual((await container.inspect()).State.Running, false);
  });
});

// run calls back on the answer of its wait, which may be read before the output, though that was sent first.
test("run with output", async () => {
  const out = new PassThrough();
  const text = new Promise((resolve) => {
    let read = "";
    out.on("data", (part) => (read += part));
    out.on("end", () => resolve(read));
  });
  const [result, container] = await docker.run(IMAGE, ["sh", "-c", "echo ran; exit 6"], out, { Tty: false });
  assert.strictEqual(result.StatusCode, 6);
  assert.match(await text, /ran/);
  await container.remove();
});

test("attach before start", async () => {
  await withContainer({ Cmd: ["echo", "attached"] }, async (container) => {
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const text = textOf(stream);
    await container.start();
    assert.strictEqual(await text, "attached\n");
  });
});

test("standard input by hijacking", async () => {
  await withContainer({ Cmd: ["cat"], OpenStdin: true, StdinOnce: true, AttachStdin: true }, async (container) => {
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, hijack: true });
    const text = textOf(stream);
    await container.start();
    stream.end("typed\n");
    assert.strictEqual(await text, "typed\n");
  });
});

test("logs", async () => {
  await withContainer({ Cmd: ["sh", "-c", "echo one; echo two"] }, async (container) => {
    await container.start();
    await container.wait();
    const log = await container.logs({ stdout: true, stderr: true, tail: 1 });
    assert.match(log.toString(), /two\n$/);
    const followed = await container.logs({ stdout: true, stderr: true, follow: true });
    assert.strictEqual(await textOf(followed), "one\ntwo\n");
  });
});

test("exec", async () => {
  await withContainer({}, async (container) => {
    await container.start();
    const Cmd = ["sh", "-c", "echo out; exit 5"];
    const exec = await container.exec({ Cmd, AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({});
    assert.strictEqual(await textOf(stream), "out\n");
    const { ExitCode, Running } = await exec.inspect();
    assert.deepStrictEqual([ExitCode, Running], [5, false]);
  });
});

test("update, restart policy", async () => {
  const policy = { Name: "on-failure", MaximumRetryCount: 1 };
  await withContainer({ Cmd: ["sh", "-c", "exit 3"], HostConfig: { RestartPolicy: policy } }, async (container) => {
    await container.update({ RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 } });
    assert.strictEqual((await container.inspect()).HostConfig.RestartPolicy.MaximumRetryCount, 2);
    await container.start();
    let details = await container.inspect();
    while (details.RestartCount < 2 || details.State.Status !== "exited") details = await container.inspect();
    assert.strictEqual(details.State.ExitCode, 3);
  });
});

test("health", async () => {
  const Healthcheck = { Test: ["CMD-SHELL", "true"], Interval: 1e9, Retries: 1 };
  await withContainer({ Healthcheck }, async (container) => {
    await container.start();
    let health = (await container.inspect()).State.Health;
    assert.strictEqual(health.Status, "starting");
    while (health.Status === "starting") health = (await container.inspect()).State.Health;
    assert.strictEqual(health.Status, "healthy");
    assert.strictEqual(health.Log[0].ExitCode, 0);
  });
});

test("prune of containers, events", async () => {
  const events = await docker.getEvents({ filters: { event: ["destroy"] } });
  const container = await docker.createContainer({ Image: IMAGE, Cmd: ["true"], Labels: { suite: "prune" } });
  const destroyed = new Promise((resolve) => events.once("data", (line) => resolve(JSON.parse(line))));
  const report = await docker.pruneContainers({ filters: { label: ["suite=prune"] } });
  assert.deepStrictEqual(report.ContainersDeleted, [container.id]);
  assert.strictEqual((await destroyed).Actor.ID, container.id);
  events.destroy();
});

async function main() {
  let failed = 0;
  test("there were enough calls", async () => assert.ok(calls >= LEAST_CALLS, `${calls} calls`));
  for (const { name, body } of tests) {
    try {
      await body();
      console.log(`ok     ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}\n       ${error.stack}`);
    }
  }
  console.log(`dockerode ${require("dockerode/package.json").version}: ${calls} calls`);
  console.log(`${tests.length - failed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

main();

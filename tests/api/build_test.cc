#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/tar.h"
#include "tests/support/fake_files.h"
#include "tests/support/run.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using test::Reply;
using test::TestDaemon;

using Files = std::map<std::string, std::string>;

std::string tar_of(const Files& files) {
  std::string tar;
  for (const auto& [name, content] : files) {
    append_tar_header(tar, {.name = name, .mode = 0644, .size = static_cast<std::int64_t>(content.size())});
    tar += content;
    tar.append(tar_padding(static_cast<std::int64_t>(content.size())), '\0');
  }
  tar.append(kTarEnd, '\0');
  return tar;
}

Reply build(TestDaemon& daemon, Files files, const std::string& query = "") {
  return daemon.post("/build?t=built:1" + query, tar_of(files));
}

Reply build(TestDaemon& daemon, const std::string& dockerfile, const std::string& query = "") {
  return build(daemon, Files{{"Dockerfile", dockerfile}}, query);
}

bool has(const Reply& reply, const std::string& text) { return reply.text.find(text) != std::string::npos; }

// The files that a container of the image gets, by path, with a folder's slash at the end.
std::map<std::string, TarEntry> staged_files(TestDaemon& daemon, const std::string& image = "built:1") {
  std::map<std::string, TarEntry> entries;
  for (const std::string& digest : daemon.images.get(image).staged_layers) {
    std::ostringstream bytes;
    bytes << std::ifstream(daemon.staging.layer_file(digest), std::ios::binary).rdbuf();
    const std::string tar = bytes.str();
    TarReader reader;
    reader.feed(tar);
    for (auto event = reader.next(); event != TarReader::Event::end; event = reader.next()) {
      if (event == TarReader::Event::failed || event == TarReader::Event::need_input)
        throw std::runtime_error("bad tar");
      if (event == TarReader::Event::entry) entries[reader.entry().name] = reader.entry();
    }
  }
  return entries;
}

std::vector<std::string> names_of(const std::map<std::string, TarEntry>& entries) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries) names.push_back(name);
  return names;
}

std::size_t layer_files(TestDaemon& daemon) {
  const std::filesystem::path folder = daemon.staging_folder.path() + "/layers";
  if (!std::filesystem::exists(folder)) return 0;
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

// Layers are deleted behind the reply's back: lets the daemon do what it has to do meanwhile.
std::size_t wait_for_layer_files(TestDaemon& daemon, std::size_t count) {
  daemon.loop.restart();
  while (layer_files(daemon) != count && daemon.loop.run_one_for(std::chrono::seconds(10)) > 0) {
  }
  return layer_files(daemon);
}

using Names = std::vector<std::string>;

TEST(Build, TellsItsStepsAsTheClassicBuilderDoes) {
  TestDaemon daemon;
  const auto reply = build(daemon, "FROM busybox\nENV A=1\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(
      reply.text.starts_with("{\"stream\":\"Step 1/2 : FROM busybox\"}\r\n{\"stream\":\"\\n\"}\r\n"
                             "{\"stream\":\" ---\\u003e "))
      << reply.text;
  EXPECT_TRUE(has(reply, "{\"stream\":\"Step 2/2 : ENV A=1\"}"));
  EXPECT_TRUE(has(reply, " ---\\u003e Running in "));
  EXPECT_TRUE(has(reply, " ---\\u003e Removed intermediate container "));
  const std::string id = daemon.get("/images/built:1/json").at("Id");
  EXPECT_TRUE(has(reply, "{\"aux\":{\"ID\":\"" + id + "\"}}"));
  EXPECT_TRUE(has(reply, "Successfully built " + id.substr(7, 12)));
  EXPECT_TRUE(has(reply, "Successfully tagged built:1"));
}

TEST(Build, ConfigurationIsThatOfTheInstructions) {
  TestDaemon daemon;
  build(daemon,
        "FROM busybox\nARG V=2\nENV A=$V B=\"two words\"\nLABEL l=${A:-x}\nWORKDIR /w\nWORKDIR d\nUSER 1000\n"
        "EXPOSE 80 90/udp\nVOLUME /v\nSTOPSIGNAL TERM\nHEALTHCHECK --interval=5s CMD true\nCMD echo hi\n"
        "ENTRYPOINT [\"a\",\"b\"]\n",
        "&labels=%7B%22q%22:%22$x%22%7D");
  const auto image = daemon.get("/images/built:1/json");
  EXPECT_EQ(image.at("Config.Env"), R"(["PATH=/bin","A=2","B=two words"])");
  EXPECT_EQ(image.at("Config.Labels"), R"({"l":"2","q":"$x"})");
  EXPECT_EQ(image.at("Config.WorkingDir"), "/w/d");
  EXPECT_EQ(image.at("Config.User"), "1000");
  EXPECT_EQ(image.at("Config.ExposedPorts"), R"({"80/tcp":{},"90/udp":{}})");
  EXPECT_EQ(image.at("Config.Volumes"), R"({"/v":{}})");
  EXPECT_EQ(image.at("Config.StopSignal"), "TERM");
  EXPECT_EQ(image.at("Config.Healthcheck"), R"({"Test":["CMD-SHELL","true"],"Interval":5000000000})");
  EXPECT_EQ(image.at("Config.Cmd"), R"(["/bin/sh","-c","echo hi"])");
  EXPECT_EQ(image.at("Config.Entrypoint"), R"(["a","b"])");
}

TEST(Build, EntrypointForgetsTheCommandOfTheBase) {
  TestDaemon daemon;
  build(daemon, "FROM busybox\nENTRYPOINT [\"e\"]\n");
  EXPECT_EQ(daemon.get("/images/built:1/json").at("Config.Cmd"), "null");
}

TEST(Build, CopiedFilesAreStagedIntoContainers) {
  TestDaemon daemon;
  build(daemon, Files{{"Dockerfile",
                       "FROM busybox\nWORKDIR /app\nCOPY a.txt .\nCOPY d /data\nCOPY a.txt /tmp\n"
                       "COPY a.txt /named\nCOPY *.txt /many/\n"},
                      {"a.txt", "a"},
                      {"d/b", "b"},
                      {"d/e/c", "c"}});
  EXPECT_EQ(names_of(staged_files(daemon)),
            (Names{"app/a.txt", "data/b", "data/e/", "data/e/c", "many/a.txt", "named", "tmp/a.txt"}));
  const std::string id = daemon.post("/containers/create", R"({"Image":"built:1"})").at("Id");
  EXPECT_EQ(daemon.staging.archives(id).size(), 5U);
}

TEST(Build, ContainersRunTheBaseOfTheImage) {
  TestDaemon daemon;
  build(daemon, "FROM busybox\nENV A=1\n");
  daemon.post("/containers/create?name=web", R"({"Image":"built:1"})");
  EXPECT_EQ(daemon.record("web").image_source, "busybox:latest");
}

TEST(Build, OwnerAndModeOfCopiedFiles) {
  TestDaemon daemon;
  const auto reply = build(daemon, Files{{"Dockerfile",
                                          "FROM busybox\nCOPY --chown=7:8 --chmod=750 a /new/\n"
                                          "COPY --chown=node a /b\n"},
                                         {"a", "a"}});
  const auto files = staged_files(daemon);
  EXPECT_EQ(files.at("new/a").uid, 7U);
  EXPECT_EQ(files.at("new/a").gid, 8U);
  EXPECT_EQ(files.at("new/a").mode, 0750U);
  EXPECT_EQ(files.at("new/").uid, 7U);
  EXPECT_EQ(files.at("b").uid, 0U);
  EXPECT_TRUE(has(reply, "[Warning] --chown=node: names of users are not known here"));
}

TEST(Build, StagesCopyFromEachOtherAndOnlyTheLastIsKept) {
  TestDaemon daemon;
  const auto reply = build(daemon, Files{{"Dockerfile",
                                          "ARG B=busybox\nFROM $B AS one\nCOPY a /one\nCOPY a /more\n"
                                          "FROM one AS two\nFROM busybox\nCOPY --from=two /one /final\n"
                                          "COPY --from=0 /more /more\n"},
                                         {"a", "a"}});
  EXPECT_TRUE(has(reply, "Successfully built")) << reply.text;
  EXPECT_EQ(names_of(staged_files(daemon)), (Names{"final", "more"}));
  EXPECT_EQ(wait_for_layer_files(daemon, 2), 2U);
}

TEST(Build, OnABuiltImageKeepsItsFiles) {
  TestDaemon daemon;
  build(daemon, Files{{"Dockerfile", "FROM busybox\nCOPY a /a\n"}, {"a", "a"}});
  daemon.post("/build?t=second:1",
              tar_of({{"Dockerfile", "FROM built:1\nCOPY b /b\nCOPY --from=built:1 /a /c\n"}, {"b", "b"}}));
  EXPECT_EQ(names_of(staged_files(daemon, "second:1")), (Names{"a", "b", "c"}));
}

TEST(Build, HereDocumentsBecomeFiles) {
  TestDaemon daemon;
  build(daemon, "FROM busybox\nENV A=1\nCOPY <<one <<\"two\" /x/\na=$A\none\nb=$A\ntwo\n");
  const auto files = staged_files(daemon);
  EXPECT_EQ(files.at("x/one").size, 4);
  EXPECT_EQ(files.at("x/two").size, 5);
}

TEST(Build, AddUnpacksLocalArchives) {
  TestDaemon daemon;
  build(daemon, Files{{"Dockerfile", "FROM busybox\nADD x.tar /z\nADD plain /p\nCOPY x.tar /as-it-is\n"},
                      {"x.tar", tar_of({{"q/r", "r"}})},
                      {"plain", "plain"}});
  EXPECT_EQ(names_of(staged_files(daemon)), (Names{"as-it-is", "p", "z/q/", "z/q/r"}));
}

TEST(Build, RunIsShownAndNotExecuted) {
  TestDaemon daemon;
  const auto reply = build(daemon, "FROM busybox\nRUN make\nRUN install\n");
  EXPECT_TRUE(has(reply, "Step 2/3 : RUN make"));
  EXPECT_TRUE(has(reply, " ---\\u003e Not executed"));
  EXPECT_TRUE(has(reply, "[Warning] 2 RUN instructions were not executed"));
  EXPECT_TRUE(has(reply, "Successfully built"));
}

TEST(Build, TheSameAgainIsTheSameImage) {
  TestDaemon daemon;
  const Files files{{"Dockerfile", "FROM busybox\nCOPY a /a\nENV A=1\n"}, {"a", "a"}};
  build(daemon, files);
  const std::string id = daemon.get("/images/built:1/json").at("Id");
  const auto again = build(daemon, files, "&t=other:2");
  EXPECT_TRUE(has(again, " ---\\u003e Using cache"));
  EXPECT_EQ(daemon.get("/images/other:2/json").at("Id"), id);
  EXPECT_FALSE(has(build(daemon, files, "&nocache=1"), "Using cache"));
}

TEST(Build, QuietSaysTheIdAlone) {
  TestDaemon daemon;
  const auto reply = build(daemon, "FROM busybox\nENV A=1\n", "&q=1");
  EXPECT_EQ(reply.text, "{\"stream\":\"" + daemon.get("/images/built:1/json").at("Id") + "\\n\"}\r\n");
}

TEST(Build, PullsABaseThatIsMissing) {
  TestDaemon daemon;
  daemon.source.images["other:1"] = daemon.source.images["busybox:latest"];
  const auto reply = build(daemon, "FROM other:1\n");
  EXPECT_TRUE(has(reply, "Status: Downloaded newer image for other:1"));
  EXPECT_TRUE(has(build(daemon, "FROM other:1\n", "&pull=1"), "Status: Image is up to date for other:1"));
}

TEST(Build, UnusedArgumentsAreTold) {
  TestDaemon daemon;
  const auto reply =
      build(daemon, "FROM busybox\nARG A\nENV B=$A\n", "&buildargs=%7B%22A%22:%221%22,%22Z%22:%222%22%7D");
  EXPECT_TRUE(has(reply, "[Warning] One or more build-args [Z] were not consumed"));
  EXPECT_EQ(daemon.get("/images/built:1/json").at("Config.Env"), R"(["PATH=/bin","B=1"])");
}

TEST(Build, TriggersRunInTheNextBuild) {
  TestDaemon daemon;
  build(daemon, "FROM busybox\nONBUILD ENV T=1\n");
  const auto reply = daemon.post("/build?t=child:1", tar_of({{"Dockerfile", "FROM built:1\n"}}));
  EXPECT_TRUE(has(reply, "# Executing 1 build trigger"));
  EXPECT_EQ(daemon.get("/images/child:1/json").at("Config.Env"), R"(["PATH=/bin","T=1"])");
}

TEST(Build, IgnoredDockerfileIsNotCopied) {
  TestDaemon daemon;
  build(daemon, Files{{"Dockerfile", "FROM busybox\nCOPY . /x\n"}, {".dockerignore", "Dockerfile\n*.md\n"}, {"k", ""}});
  EXPECT_EQ(names_of(staged_files(daemon)), (Names{"x/.dockerignore", "x/k"}));
}

TEST(Build, MistakesOfTheDockerfileComeBeforeTheStream) {
  TestDaemon daemon;
  const auto reply = build(daemon, "FROM busybox\nFOO x\n");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.message(), "dockerfile parse error on line 2: unknown instruction: FOO");
  EXPECT_EQ(build(daemon, "FROM busybox\nENV a\n").message(),
            "failed to parse Dockerfile: ENV must have two arguments");
  EXPECT_EQ(build(daemon, "FROM busybox\n", "&target=x").message(), "failed to reach build target x in Dockerfile");
  EXPECT_EQ(build(daemon, "").message(), "the Dockerfile (Dockerfile) cannot be empty");
  EXPECT_EQ(build(daemon, "FROM busybox\n", "&dockerfile=No").message(), "Cannot locate specified Dockerfile: No");
  EXPECT_EQ(build(daemon, "FROM busybox\n", "&dockerfile=../x").message(),
            "forbidden path outside the build context: ../x ()");
}

TEST(Build, FailuresOfStepsEndTheStream) {
  TestDaemon daemon;
  const auto failure = [&](const std::string& line, const std::string& message) {
    const auto reply = build(daemon, "FROM busybox\n" + line + "\n");
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(has(reply, "{\"errorDetail\":{\"message\":\"" + message)) << line << "\n" << reply.text;
  };
  failure("COPY nope /",
          "COPY failed: file not found in build context or excluded by .dockerignore: stat nope: file "
          "does not exist");
  failure("COPY nope* /", "COPY failed: no source files were specified");
  failure("COPY Dockerfile Dockerfile /x",
          "When using COPY with more than one source file, the destination must be a "
          "directory and end with a /");
  failure("COPY ../x /", "COPY failed: forbidden path outside the build context: ../x ()");
  failure("ADD http://127.0.0.1:1/x /", "ADD failed: http://127.0.0.1:1/x is not downloaded here");
  failure("COPY --from=nosuch:1 /x /", "invalid from flag value nosuch:1: ");
  failure("EXPOSE abc", "invalid containerPort: abc");
  failure("RUN --mount=type=cache,target=/x y", "the --mount option requires BuildKit");
  EXPECT_EQ(daemon.get("/images/built:1/json").status, 404);
}

TEST(Build, WhatCannotBeHadIsRefused) {
  TestDaemon daemon;
  EXPECT_EQ(build(daemon, "FROM busybox\n", "&remote=http://x/y").status, 400);
  EXPECT_EQ(build(daemon, "FROM busybox\n", "&version=2").status, 400);
  EXPECT_EQ(build(daemon, "FROM busybox\n", "&buildargs=x").status, 400);
  EXPECT_EQ(daemon.post("/build?t=UPPER", tar_of({{"Dockerfile", "FROM busybox\n"}})).status, 400);
  EXPECT_EQ(daemon.post("/build", "hello there").status, 400);
  // A client that still sends gets to its answer.
  EXPECT_EQ(daemon.post("/build?t=UPPER", tar_of({{"big", std::string(8 << 20, 'x')}})).status, 400);
  EXPECT_EQ(daemon.post("/session").status, 404);
  EXPECT_EQ(daemon.post("/grpc").message(), "page not found");
  EXPECT_TRUE(has(build(daemon, "FROM scratch\nENV A=1\n"), "Successfully built"));
  EXPECT_EQ(daemon.post("/containers/create", R"({"Image":"built:1","Cmd":["x"]})").status, 400);
}

TEST(Build, RemovedImageTakesItsLayersAlong) {
  TestDaemon daemon;
  build(daemon, Files{{"Dockerfile", "FROM busybox\nCOPY a /a\n"}, {"a", "a"}});
  EXPECT_EQ(layer_files(daemon), 1U);
  EXPECT_EQ(daemon.del("/images/built:1").status, 200);
  EXPECT_EQ(wait_for_layer_files(daemon, 0), 0U);
}

TEST(Build, LayersThatNobodyUsesAreDeletedAtTheNextStart) {
  TestDaemon daemon;
  build(daemon, Files{{"Dockerfile", "FROM busybox\nCOPY a /a\n"}, {"a", "of the image"}});
  const std::string used = daemon.images.staged_layers().front();
  test::TextSource tar(tar_of({{"b", "of a build that was killed"}}));
  const std::string unused = test::run(daemon.loop, daemon.staging.keep_layer(tar));
  core::Staging next(daemon.store, {.folder = daemon.staging_folder.path()});
  next.recover([](const std::string&) { return false; }, daemon.images.staged_layers());
  EXPECT_NE(next.layer_file(used), "");
  EXPECT_EQ(next.layer_file(unused), "");
}

TEST(ImageHistory, OfAnImageThatWasRecordedWithoutOneHasAStepForEachLayer) {
  TestDaemon daemon;
  core::ImageRecord old = daemon.images.get("busybox");
  old.history.clear();
  test::run(daemon.loop, daemon.store.put("images", old.id, json::to_text(old), core::Durability::relaxed));
  daemon.images.recover();
  build(daemon, "FROM busybox\nENV A=1\n");
  const auto history = daemon.get("/images/built:1/history").body.as_array();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[1].at("Comment").as_string(), "pulled by a version that kept no history; pull again to see it");
}

TEST(ImageHistory, OfABuiltImageGoesDownToItsBase) {
  TestDaemon daemon;
  daemon.source.images["busybox:latest"].history = {{"2024-01-01T00:00:00Z", "made", "", "a comment", false}};
  daemon.post("/images/create?fromImage=busybox&tag=latest");
  build(daemon, "FROM busybox\nENV A=1\nWORKDIR /w\n");
  const auto history = daemon.get("/images/built:1/history").body.as_array();
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(history[0].at("CreatedBy").as_string(), "/bin/sh -c #(nop) WORKDIR /w");
  EXPECT_EQ(history[0].at("Tags").as_array().size(), 1U);
  EXPECT_EQ(history[1].at("CreatedBy").as_string(), "/bin/sh -c #(nop)  ENV A=1");
  EXPECT_EQ(history[1].at("Id").as_string(), "<missing>");
  EXPECT_EQ(history[2].at("Comment").as_string(), "a comment");
  EXPECT_EQ(history[2].at("Size").as_int64(), 1000);
  EXPECT_EQ(history[2].at("Id").as_string(), daemon.get("/images/busybox/json").at("Id"));
  EXPECT_EQ(daemon.get("/images/nosuch/history").status, 404);
}

}  // namespace
}  // namespace sockerless

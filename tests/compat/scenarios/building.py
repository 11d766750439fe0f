"""docker build with the classic builder, and docker history."""

import io
import tarfile

from compat.recording import scenario


def context(s, dockerfile, files=None, name="context"):
    """A folder with a Dockerfile and files; names that end in a slash are folders, bytes are written as they are."""
    folder = s.folder / name
    folder.mkdir(exist_ok=True)
    for path, content in {"Dockerfile": dockerfile, **(files or {})}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith("/"):
            file.mkdir(exist_ok=True)
        else:
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def tar_of(files, mode="w"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o640
            member.uid = member.gid = 33
            tar.addfile(member, io.BytesIO(content.encode()))
    return buffer.getvalue()


def build(s, folder, *options, label="", tag="built:1", cache=False):
    """Builds without a cache, since the engine's has what other scenarios have left there."""
    options = options if cache else ("--no-cache", *options)
    return s.docker("build", *options, "-t", tag, folder, label=label)


def clean_up(s, *tags):
    for tag in tags:
        if s.prepare("images", "-q", tag):
            s.prepare("rmi", "-f", tag)
    s.prepare("image", "prune", "-f")


CONFIGURATION = (
    "Env",
    "Cmd",
    "Entrypoint",
    "WorkingDir",
    "User",
    "ExposedPorts",
    "Volumes",
    "StopSignal",
    "Healthcheck",
    "OnBuild",
    "Shell",
)


def configuration(s, tag="built:1"):
    for field in CONFIGURATION:
        s.docker("image", "inspect", "-f", "{{json .Config." + field + "}}", tag)
    s.docker("image", "inspect", "-f", "{{range $k, $v := .Config.Labels}}{{$k}}={{$v}} {{end}}", tag)


@scenario(alone=True)
def build_configuration(s):
    """Every instruction that changes the configuration, as inspect and history show it."""
    folder = context(
        s,
        'FROM busybox\nARG X=1\nENV A=$X B="two words" C=a\\ b\nENV old form\nLABEL l=v "m n"="o p"\nWORKDIR /w\n'
        'WORKDIR sub\nUSER 1000:1000\nEXPOSE 80 90/udp\nVOLUME /v /u\nSTOPSIGNAL TERM\nSHELL ["/bin/sh","-ec"]\n'
        'ONBUILD RUN x\nMAINTAINER me\nCMD echo hi\nENTRYPOINT ["a","b"]\n',
    )
    build(s, folder)
    configuration(s)
    for field in ("Author", "Architecture", "Os", "RepoTags", "RepoDigests"):
        s.docker("image", "inspect", "-f", "{{json ." + field + "}}", "built:1")
    s.docker("history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Comment}}", "built:1")
    clean_up(s, "built:1")


@scenario(alone=True)
def build_health_check(s):
    """HEALTHCHECK in its forms; a later one replaces an earlier one and says so."""
    build(s, context(s, "FROM busybox\nHEALTHCHECK --interval=5s --timeout=1m --retries=3 CMD true\n"))
    configuration(s)
    build(s, context(s, 'FROM busybox\nHEALTHCHECK CMD a\nHEALTHCHECK --start-period=2s CMD ["b", "c"]\n'))
    configuration(s)
    build(s, context(s, "FROM busybox\nHEALTHCHECK NONE\n"))
    configuration(s)
    clean_up(s, "built:1")


@scenario(alone=True)
def build_runs(s):
    """A built image's command, entrypoint, environment and working directory when it runs."""
    folder = context(s, 'FROM busybox\nENV A=1\nWORKDIR /tmp\nENTRYPOINT ["sh", "-c"]\nCMD ["echo $A; pwd"]\n')
    build(s, folder)
    s.docker("run", "--rm", "built:1")
    s.docker("run", "--rm", "-e", "A=2", "built:1", "echo other $A")
    clean_up(s, "built:1")


@scenario(alone=True)
def build_copies_files(s):
    """COPY of files, folders, several sources and patterns; the files are there when the container runs."""
    folder = context(
        s,
        "FROM busybox\nWORKDIR /app\nCOPY a.txt .\nCOPY a.txt b.txt several/\nCOPY folder /folder\nCOPY *.txt /many/\n"
        'COPY ["with blank", "/with blank/"]\nCOPY a.txt /tmp\nCOPY a.txt /renamed\nCOPY folder/in?ide /in/\n'
        'CMD find /app /folder /many "/with blank" /tmp /renamed /in -type f '
        "-exec stat -c '%n %s %u:%g %a' {} ';' | sort && cat /app/a.txt\n",
        {
            "a.txt": "content of a\n",
            "b.txt": "b",
            "folder/x": "x",
            "folder/inside/y": "yy",
            "folder/inside/.hidden": "",
            "with blank": "z",
        },
    )
    (folder / "b.txt").chmod(0o755)
    build(s, folder)
    s.docker("run", "--rm", "built:1")
    clean_up(s, "built:1")


@scenario(alone=True)
def build_copies_owners(s):
    """--chown by number."""
    folder = context(
        s,
        "FROM busybox\nCOPY --chown=33 a /one\nCOPY --chown=33:7 d /two/\nARG WHO=12\nCOPY --chown=$WHO:13 a /three\n"
        "CMD stat -c '%n %u:%g' /one /two/b /three\n",
        {"a": "", "d/b": ""},
    )
    build(s, folder)
    s.docker("run", "--rm", "built:1")
    clean_up(s, "built:1")


@scenario(alone=True)
def build_copies_links(s):
    """Symbolic links stay links inside folders; one that is named itself is followed."""
    folder = context(
        s, "FROM busybox\nCOPY d /d\nCOPY link /named\nCMD ls /d && readlink /d/l; cat /named\n", {"d/a": "a"}
    )
    (folder / "d/l").symlink_to("a")
    (folder / "link").symlink_to("d/a")
    build(s, folder)
    s.docker("run", "--rm", "built:1")
    clean_up(s, "built:1")


@scenario(alone=True)
def build_adds_archives(s):
    """ADD unpacks tar files, compressed or not, with their owners, and nothing else; COPY leaves them as they are."""
    folder = context(
        s,
        "FROM busybox\nADD plain.tar /plain/\nADD packed.tar.gz /packed\nADD packed.tar.xz /xz\nADD text.gz /text/\n"
        "COPY plain.tar /copied\n"
        "CMD find /plain /packed /xz /text /copied -type f | sort | xargs stat -c '%n %u:%g %a'\n",
        {
            "plain.tar": tar_of({"a/b": "b", "c": "c"}),
            "packed.tar.gz": tar_of({"d": "d"}, "w:gz"),
            "packed.tar.xz": tar_of({"e": "e"}, "w:xz"),
            "text.gz": "not compressed at all",
        },
    )
    build(s, folder)
    s.docker("run", "--rm", "built:1")
    clean_up(s, "built:1")


@scenario(alone=True)
def build_stages(s):
    """Several stages: files from earlier ones by name and number, an earlier stage as base, a target."""
    folder = context(
        s,
        "ARG BASE=busybox\nFROM $BASE AS One\nCOPY a /one\nENV FROM_ONE=1\nFROM one AS two\nCOPY a /two\n"
        "FROM busybox:latest\nCOPY --from=one /one /final/one\nCOPY --from=1 /two /final/\n"
        "CMD cat /final/one /final/two; ls /one\n",
        {"a": "a\n"},
    )
    build(s, folder)
    s.docker("run", "--rm", "built:1")
    configuration(s)
    build(s, folder, "--target", "two")
    configuration(s)
    s.docker("run", "--rm", "built:1", "ls", "/one", "/two")
    build(s, folder, "--target", "0", label="number")
    build(s, folder, "--target", "nope")
    clean_up(s, "built:1")


@scenario(alone=True)
def build_arguments(s):
    """ARG with and without defaults, from the command line, before FROM; what nobody uses is told."""
    folder = context(
        s,
        "ARG VERSION=latest\nARG OTHER=x\nFROM busybox:$VERSION\nARG VERSION\nARG A\nARG B=default\nARG C=${B}-c\n"
        "ENV RESULT=$VERSION,$A,$B,$C,$OTHER\nARG RESULT=argument\nLABEL result=$RESULT\n",
    )
    build(s, folder)
    configuration(s)
    build(s, folder, "--build-arg", "A=a", "--build-arg", "B=b", "--build-arg", "Z=z")
    configuration(s)
    build(s, folder, "--build-arg", "VERSION=no-such-tag@", label="bad base")
    build(s, context(s, "ARG A\nFROM $A\n"), label="blank base")
    clean_up(s, "built:1")


@scenario(alone=True)
def build_expansion(s):
    """Variables in every instruction that expands them, with quotes, escapes and operators."""
    folder = context(
        s,
        "FROM busybox\nENV E= S=set W=/work P='80 81'\n"
        "ENV R1=${U:-d} R2=${E:-d} R3=${S:-d} R4=${S:+alt} R5=${E:+alt} R6=$S$S R7=\\$S R8='$S' R9=\"$S\" R10=${U}x\n"
        "ENV N=${U:-${S}} Q=\"a 'b' \\\"c\\\"\" T='a \"b\"' X=a\\\\b\nENV S=new O=$S\n"
        "WORKDIR $W/${S}\nUSER ${S}\nEXPOSE $P ${PORT:-90}\nVOLUME $W/v\nLABEL $S=$O\nCMD echo $S\n",
    )
    build(s, folder)
    configuration(s)
    clean_up(s, "built:1")


@scenario(alone=True)
def build_syntax(s):
    """Comments, continued lines, another escape, small letters, lists that are no JSON."""
    build(s, context(s, "# comment\nfrom busybox as x\nenv A=1 \\\n # inside\n B=2 \\\n  C=3\ncmd hi\n"))
    configuration(s)
    build(s, context(s, "# escape=`\nFROM busybox\nENV A=1 `\n B=c:\\d\n"))
    configuration(s)
    build(s, context(s, "FROM busybox\nENV A=1 \\\n\n B=2\n"), label="empty line")
    configuration(s)
    build(s, context(s, "FROM busybox\nCMD [\"a\", b]\nENTRYPOINT [ \"c\" , \"d e\" ]\n"))
    configuration(s)
    build(s, context(s, "FROM busybox\r\nENV A=1\r\nCMD a\r\n"))
    configuration(s)
    clean_up(s, "built:1")


@scenario(alone=True)
def build_mistakes(s):
    """What the Dockerfile cannot say, with the line."""
    for number, line in enumerate(
        (
            "FOO x",
            "ENV",
            "ENV a",
            "ENV a=1 b",
            "LABEL a",
            "COPY a",
            "ADD",
            "COPY --foo=1 a /",
            "COPY --from a /",
            "VOLUME",
            "STOPSIGNAL",
            "SHELL /bin/sh",
            "HEALTHCHECK",
            "HEALTHCHECK FOO x",
            "HEALTHCHECK --interval=1x CMD x",
            "HEALTHCHECK --retries=x CMD x",
            "HEALTHCHECK CMD",
            "HEALTHCHECK NONE x",
            "ONBUILD",
            "ONBUILD FROM x",
            "ONBUILD ONBUILD RUN x",
            "USER",
            "WORKDIR",
            "ARG",
            "FROM",
            "FROM a b c",
            "FROM busybox AS 1x",
            'CMD ["a", 1]',
            "MAINTAINER",
        )
    ):
        build(s, context(s, f"FROM busybox\n\n{line}\n"), label=f"line {number}")
    build(s, context(s, ""), label="empty")
    build(s, context(s, "# nothing\n"), label="comment")
    build(s, context(s, "RUN x\n"), label="no FROM")
    build(s, context(s, "# escape=x\nFROM busybox\n"), label="escape")
    s.docker("build", "-f", s.folder / "nope", context(s, "FROM busybox\n"), label="no file")
    clean_up(s)


@scenario(alone=True)
def build_failing_steps(s):
    """What fails when a step is carried out."""
    for number, line in enumerate(
        (
            "COPY nope /",
            "COPY nope* /",
            "COPY a b /x",
            "COPY ../x /",
            "COPY --from=9 /x /",
            "EXPOSE abc",
            "STOPSIGNAL FOO",
            "ENV B=${A:x}",
            'ENV B="x',
            "RUN --mount=type=cache,target=/x true",
            "VOLUME [\"\"]",
        )
    ):
        build(s, context(s, f"FROM busybox\n{line}\n", {"a": "", "b": ""}), label=f"line {number}")
    build(s, context(s, "FROM scratch\n"), label="scratch")
    build(s, context(s, f"FROM {s.registry}/no/such\n"), label="no such base")
    build(s, context(s, "FROM Bad/Base\n"), label="bad base")
    build(s, context(s, "FROM busybox\nCOPY --from=Bad/Image /x /\n"), label="bad source image")
    build(s, context(s, "FROM busybox\nCOPY --from=Bad/Image /x /\n"), label="bad source image")
    s.docker("image", "inspect", "-f", "{{.Id}}", "built:1")
    clean_up(s)


@scenario(alone=True)
def build_ignore_file(s):
    """.dockerignore: patterns, exceptions, folders, comments; the Dockerfile itself."""
    files = {
        ".dockerignore": "# comment\n*.md\n!keep.md\n**/skip\ntmp*/\nDockerfile\n/abs\nd/*/deep\n",
        "a.md": "",
        "keep.md": "",
        "sub/b.md": "",
        "sub/skip": "",
        "skip": "",
        "tmp1/x": "",
        "abs": "",
        "d/e/deep": "",
        "d/deep": "",
        "f": "",
    }
    build(s, context(s, "FROM busybox\nCOPY . /x/\nCMD find /x -type f | sort\n", files))
    s.docker("run", "--rm", "built:1")
    build(s, context(s, "FROM busybox\nCOPY a.md /x/\n", files), label="ignored source")
    clean_up(s, "built:1")


@scenario(alone=True)
def build_options(s):
    """Several tags, labels, a quiet build, a Dockerfile elsewhere and one from standard input."""
    folder = context(s, "FROM busybox\nENV A=1\n", {"other/File": "FROM busybox\nCOPY f /f\n", "f": ""})
    s.docker("build", "--no-cache", "-t", "built:1", "-t", "also/built:2", "-t", "third", folder)
    s.docker("image", "inspect", "-f", "{{len .RepoTags}}", "built:1")
    build(s, folder, "--label", "a=1 x", "--label", 'b="$A"')
    configuration(s)
    quiet = build(s, folder, "-q")
    s.docker("image", "inspect", "-f", "{{.Id}}", quiet.stdout.strip())
    build(s, folder, "-f", folder / "other/File")
    s.docker("build", "--no-cache", "-t", "built:1", "-", stdin=b"FROM busybox\nENV FROM_STDIN=1\n")
    configuration(s)
    s.docker("build", "-t", "UPPER", folder, label="bad tag")
    clean_up(s, "built:1", "also/built:2", "third")


@scenario(alone=True)
def build_triggers(s):
    """ONBUILD is carried out by the build on top."""
    build(s, context(s, "FROM busybox\nONBUILD COPY f /f\nONBUILD ENV T=$A\nENV A=1\n"), tag="parent:1")
    folder = context(s, "FROM parent:1\nENV B=2\nCMD cat /f; echo $T $B\n", {"f": "from the child\n"})
    build(s, folder)
    configuration(s)
    s.docker("run", "--rm", "built:1")
    clean_up(s, "built:1", "parent:1")


@scenario(alone=True)
def build_again(s):
    """The same again comes from the cache and is the same image; a changed file is not."""
    folder = context(s, "FROM busybox\nLABEL cached=again\nCOPY f /f\nENV A=1\nCMD cat /f\n", {"f": "one"})
    build(s, folder, cache=True)
    build(s, folder, cache=True, tag="second:1")
    context(s, "FROM busybox\nLABEL cached=again\nCOPY f /f\nENV A=1\nCMD cat /f\n", {"f": "two!"})
    build(s, folder, cache=True)
    s.docker("run", "--rm", "built:1")
    s.docker("run", "--rm", "second:1")
    clean_up(s, "built:1", "second:1")


@scenario(alone=True)
def build_run_instruction(s):
    """RUN is shown; here it is not executed, and that is said."""
    build(s, context(s, "FROM busybox\nRUN echo made > /made\nCMD cat /made\n"), label="build")
    clean_up(s, "built:1")


@scenario(alone=True)
def build_on_a_built_image(s):
    """Files of the image below stay, and can be replaced."""
    build(s, context(s, "FROM busybox\nCOPY f /d/f\nCOPY f /d/g\n", {"f": "below\n"}), tag="parent:1")
    build(s, context(s, "FROM parent:1\nCOPY f /d/g\nCMD cat /d/f /d/g\n", {"f": "above\n"}))
    s.docker("run", "--rm", "built:1")
    s.prepare("rmi", "-f", "parent:1")
    s.docker("run", "--rm", "built:1")
    clean_up(s, "built:1")


@scenario
def history_of_pulled_image(s):
    """docker history of an image from a registry."""
    s.docker("history", "--format", "{{.CreatedBy}}|{{.Comment}}", "hello")
    s.docker("history", "-q", "--no-trunc", "hello")
    s.docker("history", "no-such-image")
    s.shape("/v1.41/images/hello/history", label="history")


@scenario
def build_raw_requests(s):
    """What no CLI sends."""
    tar = {"Content-Type": "application/x-tar"}
    dockerfile = tar_of({"Dockerfile": "FROM busybox\n"})
    s.http("POST", "/v1.41/build?buildargs=x", dockerfile, tar, label="arguments")
    s.http("POST", "/v1.41/build?labels=x", dockerfile, tar, label="labels")
    s.http("POST", "/v1.41/build?t=a@sha256:" + "0" * 64, dockerfile, tar, label="digest")
    s.http("POST", "/v1.41/build?dockerfile=../x", dockerfile, tar, label="outside")
    s.http("POST", "/v1.41/build", b"no tar", tar, label="no tar")
    s.http("POST", "/v1.41/build", b"", tar, label="nothing")
    s.http("POST", "/v1.41/build?target=x", dockerfile, tar, label="target")
    s.http("POST", "/v1.41/build/cancel", label="cancel")

#include "cloud/images/import.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "cloud/images/digest.h"
#include "cloud/images/fake_registry.h"
#include "cloud/images/store.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::SizeIs;

std::string config_of(const std::vector<std::string>& layers, const std::string& architecture = "amd64") {
  std::string diff_ids;
  for (const std::string& layer : layers) {
    diff_ids += fmt::format(R"({}"{}")", diff_ids.empty() ? "" : ",", digest_of(layer));
  }
  return fmt::format(R"({{"architecture":"{}","os":"linux","config":{{"Cmd":["sh"]}},"rootfs":{{"diff_ids":[{}]}}}})",
                     architecture, diff_ids);
}

class Import : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "unpacking layers needs root";
    char name[] = "/tmp/sockerless-import-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  std::string store() const { return folder_ + "/store"; }
  std::string archive() const { return folder_ + "/archive"; }

  ImportedImage import_bytes(const std::string& bytes, const std::string& name = "app:1") {
    std::ofstream(archive(), std::ios::binary) << bytes;
    return import_image({archive(), name, store(), "amd64", limits_});
  }
  ImportedImage import(const std::vector<TarEntry>& entries, const std::string& filter = "") {
    return import_bytes(make_layer(entries, filter));
  }

  std::string refusal_of_bytes(const std::string& bytes, const std::string& name = "app:1") {
    try {
      import_bytes(bytes, name);
    } catch (const Error& error) {
      return error.what();
    }
    return "no refusal";
  }
  std::string refusal_of(const std::vector<TarEntry>& entries, const std::string& filter = "") {
    return refusal_of_bytes(make_layer(entries, filter));
  }

  std::string layer_folder(const std::string& digest) const {
    return store() + "/layers/" + std::string(hexadecimal(digest));
  }
  bool has_file(const ImportedImage& image, std::size_t layer, const std::string& name) const {
    return fs::exists(layer_folder(image.layers.at(layer)) + "/" + name);
  }
  bool is_empty_store() const {
    const auto has_none = [&](const char* name) { return !fs::exists(store() + name) || fs::is_empty(store() + name); };
    return has_none("/imported") && has_none("/layers") && has_none("/importing");
  }

  // What `docker save` wrote before it wrote layouts.
  static std::vector<TarEntry> docker_archive(const std::string& layer, const std::string& config,
                                              const std::string& names = R"(["app:1"])") {
    return {{.name = "1/layer.tar", .content = layer},
            {.name = "c.json", .content = config},
            {.name = "manifest.json",
             .content = fmt::format(R"([{{"Config":"c.json","RepoTags":{},"Layers":["1/layer.tar"]}}])", names)}};
  }

  // A layout of one image, its manifest in the index.
  static std::vector<TarEntry> layout(const std::vector<std::string>& layers, const std::string& config) {
    std::vector<TarEntry> entries = {{.name = "oci-layout", .content = R"({"imageLayoutVersion":"1.0.0"})"}};
    const auto add_blob = [&](const std::string& content) {
      entries.push_back({.name = fmt::format("blobs/sha256/{}", hexadecimal(digest_of(content))), .content = content});
    };
    std::string list;
    for (const std::string& layer : layers) {
      add_blob(layer);
      list += fmt::format(R"({}{{"digest":"{}","size":{}}})", list.empty() ? "" : ",", digest_of(layer), layer.size());
    }
    add_blob(config);
    const std::string manifest =
        fmt::format(R"({{"schemaVersion":2,"config":{{"digest":"{}"}},"layers":[{}]}})", digest_of(config), list);
    add_blob(manifest);
    entries.push_back(
        {.name = "index.json",
         .content = fmt::format(R"({{"schemaVersion":2,"manifests":[{{"digest":"{}"}}]}})", digest_of(manifest))});
    return entries;
  }

  LayerLimits limits_;
  std::string folder_;
  std::string layer_ = make_layer({{.name = "hello", .content = "world"}}, "");
};

TEST_F(Import, OfADockerArchiveHasItsLayersAndConfiguration) {
  const std::string config = config_of({layer_});
  const ImportedImage image = import(docker_archive(layer_, config));
  EXPECT_EQ(image.reference, "docker.io/library/app:1");
  EXPECT_EQ(image.config, digest_of(config));
  EXPECT_THAT(image.layers, testing::ElementsAre(digest_of(layer_)));
  EXPECT_TRUE(has_file(image, 0, "hello"));
  EXPECT_GT(image.bytes, 0);
  EXPECT_EQ(ImageStore(store()).find_document(image.config), config);
  EXPECT_TRUE(fs::is_empty(store() + "/importing"));
}

TEST_F(Import, FollowsTheLinksOfOldArchives) {
  auto entries = docker_archive(layer_, config_of({layer_, layer_}));
  entries.pop_back();
  entries.push_back({.name = "2/layer.tar", .type = 's', .content = "../1/layer.tar"});
  entries.push_back({.name = "manifest.json",
                     .content = R"([{"Config":"c.json","RepoTags":null,"Layers":["1/layer.tar","2/layer.tar"]}])"});
  EXPECT_THAT(import(entries).layers, SizeIs(2));
}

TEST_F(Import, OfALayoutKeepsItsDigests) {
  const std::string packed = make_layer({{.name = "upper"}}, "zstd");
  const auto entries = layout({layer_, packed}, config_of({layer_}));
  const ImportedImage image = import(entries, "gzip");
  EXPECT_EQ(image.digest, digest_of(entries.at(4).content));
  EXPECT_TRUE(has_file(image, 0, "hello"));
  EXPECT_TRUE(has_file(image, 1, "upper"));
}

TEST_F(Import, OfARootFilesystemHasOneLayerAndAPath) {
  const ImportedImage image = import({{.name = "./bin/tool", .content = "x", .mode = 0755}}, "gzip");
  EXPECT_TRUE(has_file(image, 0, "bin/tool"));
  EXPECT_THAT(ImageStore(store()).find_document(image.config).value_or(""), HasSubstr(R"("PATH=/usr/local/sbin)"));
  EXPECT_EQ(import({{.name = "./bin/tool", .content = "x", .mode = 0755}}, "gzip").digest, image.digest);
}

TEST_F(Import, TakesTheImageWithTheName) {
  auto entries = docker_archive(layer_, config_of({layer_}));
  const std::string wrong = R"({"Config":"x.json","RepoTags":["other:1"],"Layers":["x"]})";
  const std::string right = R"({"Config":"c.json","RepoTags":["app:1"],"Layers":["1/layer.tar"]})";
  entries.back().content = fmt::format("[{},{}]", wrong, right);
  EXPECT_TRUE(has_file(import(entries), 0, "hello"));
  EXPECT_THAT(refusal_of_bytes(make_layer(entries, ""), "third"), HasSubstr("has 2 images and none of them alone is"));
}

TEST_F(Import, ASecondOneTakesTheName) {
  import(docker_archive(layer_, config_of({layer_})));
  const std::string other = make_layer({{.name = "other"}}, "");
  const ImportedImage second = import(docker_archive(other, config_of({other})));
  EXPECT_EQ(ImportedImages(store()).find("docker.io/library/app:1")->digest, second.digest);
  EXPECT_THAT(ImportedImages(store()).list(), SizeIs(1));
}

TEST_F(Import, WhatIsDamagedIsRefusedAndNothingStays) {
  const std::string config = config_of({layer_});
  EXPECT_THAT(refusal_of_bytes("this is no archive, whatever it says"), HasSubstr("Unrecognized archive format"));
  EXPECT_THAT(refusal_of_bytes(""), HasSubstr("the archive is empty"));
  EXPECT_THAT(refusal_of_bytes(make_layer(docker_archive(layer_, config), "").substr(0, 1500)), HasSubstr("archive"));
  EXPECT_THAT(refusal_of(docker_archive(make_layer({{.name = "evil"}}, ""), config)), HasSubstr("damaged"));
  EXPECT_THAT(refusal_of(docker_archive(layer_, config_of({layer_, layer_}))), HasSubstr("speaks of 2 layers"));
  EXPECT_THAT(refusal_of(docker_archive(layer_, "no JSON")), HasSubstr("cannot import"));
  EXPECT_THAT(refusal_of(docker_archive(layer_, config_of({layer_}, "arm64"))), HasSubstr("not for linux/amd64"));
  auto entries = layout({layer_}, config);
  entries.at(1).content += "more";
  EXPECT_THAT(refusal_of(entries), HasSubstr("damaged"));
  entries.erase(entries.begin() + 1);
  EXPECT_THAT(refusal_of(entries), HasSubstr("is missing"));
  entries.back().content = R"({"manifests":[{"digest":"sha256:../../../etc/passwd"}]})";
  EXPECT_THAT(refusal_of(entries), HasSubstr("invalid digest"));
  EXPECT_TRUE(is_empty_store());
}

TEST_F(Import, LayersThatLeadOutAreRefusedAndNothingStays) {
  const std::string hostile = make_layer({{.name = "../../escaped", .content = "x"}}, "");
  EXPECT_THAT(refusal_of(docker_archive(hostile, config_of({hostile}))), HasSubstr("leads out of the layer"));
  EXPECT_THAT(refusal_of({{.name = "../../escaped", .content = "x"}}), HasSubstr("leads out of the layer"));
  const std::string linked =
      make_layer({{.name = "out", .type = 's', .content = folder_}, {.name = "out/escaped", .content = "x"}}, "");
  // The link is followed inside the layer, where the folder is not.
  refusal_of(docker_archive(linked, config_of({linked})));
  EXPECT_FALSE(fs::exists(folder_ + "/escaped"));
  const auto loop = std::vector<TarEntry>{{.name = "manifest.json", .type = 's', .content = "index.json"},
                                          {.name = "index.json", .type = 's', .content = "manifest.json"}};
  EXPECT_THAT(refusal_of(loop), HasSubstr("too many links"));
}

TEST_F(Import, BombsAreRefusedAndNothingStays) {
  limits_ = {.bytes = 100'000, .entries = 20};
  const std::string zeros(1'000'000, '\0');
  const std::string bomb = make_layer({{.name = "zeros", .content = zeros}}, "gzip");
  ASSERT_LT(bomb.size(), 10'000U);
  EXPECT_THAT(refusal_of_bytes(bomb), HasSubstr("too large"));
  EXPECT_THAT(refusal_of(layout({bomb}, config_of({bomb}))), HasSubstr("too large"));
  EXPECT_THAT(refusal_of(docker_archive(bomb, config_of({layer_}))), HasSubstr("too large"));
  EXPECT_THAT(refusal_of(std::vector<TarEntry>(21, {.name = "x"})), HasSubstr("too many files"));
  EXPECT_TRUE(is_empty_store());
}

TEST_F(Import, NeedsANameWithoutADigest) {
  for (const std::string& name : {std::string("UPPER"), std::string(), "app@" + digest_of("x")}) {
    EXPECT_THAT(refusal_of_bytes("x", name), HasSubstr("is no name for an image")) << name;
  }
}

TEST_F(Import, SourcesThatAreNoFileAreNamed) {
  const auto refusal = [&](const std::string& source) {
    try {
      import_image({source, "app", store(), "amd64", limits_});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal(folder_ + "/none"), "cannot import " + folder_ + "/none: No such file or directory");
  EXPECT_THAT(refusal(folder_), HasSubstr("it is a folder"));
}

TEST_F(Import, RemovalDeletesWhatNoOtherImageHas) {
  const std::string shared = import(docker_archive(layer_, config_of({layer_}))).layers.at(0);
  const std::string own = make_layer({{.name = "own"}}, "");
  import_bytes(make_layer(layout({layer_, own}, config_of({layer_, own})), ""), "second");
  remove_imported_image(store(), "second", true);
  EXPECT_TRUE(fs::exists(layer_folder(shared)));
  EXPECT_FALSE(fs::exists(layer_folder(digest_of(own))));
  remove_imported_image(store(), "app:1", false);
  EXPECT_TRUE(fs::exists(layer_folder(shared))) << "a cloud may be using it";
  EXPECT_THROW(remove_imported_image(store(), "app:1", true), Error);
}

}  // namespace
}  // namespace sockerless::cloud

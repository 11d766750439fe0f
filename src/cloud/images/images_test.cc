#include "cloud/images/images.h"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cloud/images/digest.h"
#include "cloud/images/fake_registry.h"
#include "cloud/images/import.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kConfig = R"({"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin","A=b"],"Cmd":["sh"],)"
                            R"("Entrypoint":["/init"],"WorkingDir":"/work","User":"me","StopSignal":"SIGINT"}})";

class ImagesTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "unpacking layers needs root";
    char name[] = "/tmp/sockerless-images-XXXXXX";
    folder_ = ::mkdtemp(name);
    registry_ = std::make_unique<FakeRegistry>(loop_.get_executor());
    layer_ = make_layer({{.name = "hello", .content = "world"}});
    open();
  }
  void TearDown() override {
    images_.reset();
    if (registry_) run(registry_->stop());
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  void open(std::map<std::string, std::string> mirrors = {}) {
    images_.reset();
    images_ = std::make_unique<Images>(Images::Settings{.folder = folder_ + "/store",
                                                        .mirrors = std::move(mirrors),
                                                        .architecture = "amd64",
                                                        .cache_bytes = cache_bytes_},
                                       client_, pool_);
  }

  template <typename T>
  T run(Awaitable<T> task) {
    std::exception_ptr failure;
    bool done = false;
    std::conditional_t<std::is_void_v<T>, int, std::optional<T>> result{};
    const auto finish = [&](std::exception_ptr error) {
      failure = error;
      done = true;
    };
    if constexpr (std::is_void_v<T>) {
      asio::co_spawn(loop_, std::move(task), finish);
    } else {
      asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr error, T value) {
        if (!error) result = std::move(value);
        finish(error);
      });
    }
    while (!done) loop_.run_one();
    if (failure) std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

  Image pull(const std::string& name) { return run(images_->pull(registry_->host() + "/" + name, "amd64")); }

  std::string failure_of(const std::string& reference) {
    try {
      run(images_->pull(reference, "amd64"));
    } catch (const PullError& error) {
      return error.what();
    }
    return "no failure";
  }

  asio::io_context loop_;
  WorkerPool pool_{2};
  http::Client client_{loop_.get_executor()};
  std::string folder_;
  std::string layer_;
  std::int64_t cache_bytes_ = 0;
  std::unique_ptr<FakeRegistry> registry_;
  std::unique_ptr<Images> images_;
};

// Images of one layer each, of which two fit into the cache.
class ImageCacheTest : public ImagesTest {
 protected:
  void SetUp() override {
    ImagesTest::SetUp();
    if (IsSkipped()) return;
    cache_bytes_ = 2 * 1024 * 1024 + 512 * 1024;
    open();
    for (const char* name : {"a:1", "b:1", "c:1"}) {
      const std::string content(1024 * 1024, *name);
      registry_->add_image(name, {make_layer({{.name = "file", .content = content}}, "zstd")}, kConfig);
    }
  }

  void TearDown() override {
    // What was evicted is being deleted.
    while (!folder_.empty() && !fs::is_empty(folder_ + "/store/unfinished")) loop_.poll();
    ImagesTest::TearDown();
  }

  static bool is_there(const std::string& layer) { return fs::exists(layer + "/file"); }
};

TEST_F(ImageCacheTest, TheLeastRecentlyWantedLayerGoes) {
  const std::string a = pull("a:1").layers.front();
  const std::string b = pull("b:1").layers.front();
  pull("a:1");
  const std::string c = pull("c:1").layers.front();
  EXPECT_TRUE(is_there(a));
  EXPECT_FALSE(is_there(b));
  EXPECT_TRUE(is_there(c));
  EXPECT_TRUE(is_there(pull("b:1").layers.front()));
}

TEST_F(ImageCacheTest, LayersInUseStay) {
  const Image a = pull("a:1");
  const Image b = pull("b:1");
  const Image c = pull("c:1");
  for (const Image* each : {&a, &b, &c}) EXPECT_TRUE(is_there(each->layers.front()));
}

TEST_F(ImageCacheTest, TheOrderSurvivesARestart) {
  const std::string a = pull("a:1").layers.front();
  const std::string b = pull("b:1").layers.front();
  pull("a:1");
  open();
  pull("c:1");
  EXPECT_TRUE(is_there(a));
  EXPECT_FALSE(is_there(b));
}

class ImportedImageTest : public ImageCacheTest {
 protected:
  // While a cloud is on the store, as images_ is.
  void import_file(const std::string& name) {
    const std::string path = folder_ + "/archive";
    std::ofstream(path, std::ios::binary) << make_layer({{.name = "file", .content = std::string(1024 * 1024, 'i')}});
    import_image({path, name, folder_ + "/store", "amd64", {}});
  }
};

TEST_F(ImportedImageTest, IsPulledWithoutARegistry) {
  import_file("nowhere.invalid/app:1");
  registry_->requests.clear();
  const Image image = run(images_->pull("nowhere.invalid/app:1", "amd64"));
  EXPECT_TRUE(is_there(image.layers.front()));
  EXPECT_EQ(run(images_->pull("nowhere.invalid/app@" + image.digest, "amd64")).layers, image.layers);
  EXPECT_THAT(failure_of("nowhere.invalid/app:2"), HasSubstr("failed to resolve ref"));
  open();
  EXPECT_EQ(run(images_->pull("nowhere.invalid/app:1", "amd64")).layers, image.layers);
  EXPECT_THAT(registry_->requests, ElementsAre());
}

TEST_F(ImportedImageTest, TakesTheNameUntilItIsRemoved) {
  const std::string theirs = pull("a:1").digest;
  import_file(registry_->host() + "/a:1");
  EXPECT_NE(pull("a:1").digest, theirs);
  registry_->down = true;
  remove_imported_image(folder_ + "/store", registry_->host() + "/a:1", false);
  EXPECT_EQ(pull("a:1").digest, theirs);  // what the registry had last
}

TEST_F(ImportedImageTest, IsNeverEvicted) {
  import_file("nowhere.invalid/app");
  const std::string imported = run(images_->pull("nowhere.invalid/app", "amd64")).layers.front();
  const std::string a = pull("a:1").layers.front();
  pull("b:1");
  EXPECT_TRUE(is_there(imported));
  EXPECT_FALSE(is_there(a)) << "it counts for the limit";
  remove_imported_image(folder_ + "/store", "nowhere.invalid/app", false);
  pull("c:1");
  EXPECT_FALSE(is_there(imported));
}

TEST_F(ImagesTest, PulledImageHasLayersAndConfiguration) {
  const std::string upper = make_layer({{.name = "upper", .content = "2"}}, "zstd");
  const std::string digest = registry_->add_image("r:1", {layer_, upper}, kConfig);
  const Image image = pull("r:1");
  EXPECT_EQ(image.reference, registry_->host() + "/r:1");
  EXPECT_EQ(image.digest, digest);
  ASSERT_EQ(image.layers.size(), 2U);
  EXPECT_TRUE(fs::exists(image.layers[0] + "/hello"));
  EXPECT_TRUE(fs::exists(image.layers[1] + "/upper"));
  EXPECT_THAT(image.entrypoint, ElementsAre("/init"));
  EXPECT_THAT(image.command, ElementsAre("sh"));
  EXPECT_THAT(image.environment, ElementsAre("PATH=/bin", "A=b"));
  EXPECT_EQ(image.working_directory, "/work");
  EXPECT_EQ(image.user, "me");
  EXPECT_EQ(image.stop_signal, "SIGINT");
}

TEST_F(ImagesTest, ASecondPullAsksOnceAndOnlyForTheManifest) {
  registry_->add_image("r:1", {layer_}, kConfig);
  pull("r:1");
  for (const bool reopened : {false, true}) {
    if (reopened) open();
    registry_->requests.clear();
    EXPECT_EQ(pull("r:1").layers.size(), 1U);
    EXPECT_THAT(registry_->requests, ElementsAre("HEAD /v2/r/manifests/1"));
  }
}

TEST_F(ImagesTest, APullByDigestOfWhatIsStoredAsksNothing) {
  const std::string digest = registry_->add_image("r:1", {layer_}, kConfig);
  pull("r@" + digest);
  registry_->requests.clear();
  EXPECT_EQ(pull("r@" + digest).digest, digest);
  EXPECT_THAT(registry_->requests, ElementsAre());
}

TEST_F(ImagesTest, AMovedTagIsSeen) {
  registry_->add_image("r:1", {layer_}, kConfig);
  pull("r:1");
  const std::string moved = registry_->add_image("r:1", {make_layer({{.name = "new"}})}, kConfig);
  EXPECT_EQ(pull("r:1").digest, moved);
}

TEST_F(ImagesTest, AnIndexIsResolvedByArchitecture) {
  const std::string amd = registry_->add_image("r:amd", {layer_}, kConfig);
  const std::string arm = registry_->add_image("r:arm", {layer_}, R"({"architecture":"arm64","os":"linux"})");
  registry_->add_index("r:both", {{"amd64", amd}, {"arm64", arm}});
  EXPECT_EQ(pull("r:both").digest, amd);
  EXPECT_EQ(run(images_->pull(registry_->host() + "/r:both", "arm64")).digest, arm);
  registry_->add_index("r:one", {{"arm64", arm}});
  const std::string text =
      "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/amd64'";
  EXPECT_EQ(failure_of(registry_->host() + "/r:one"), text);
  EXPECT_EQ(failure_of(registry_->host() + "/r:arm"), text);
}

TEST_F(ImagesTest, RepeatedLayersAreGivenOnceAtTheTop) {
  const std::string other = make_layer({{.name = "other"}});
  registry_->add_image("r:1", {layer_, other, layer_}, kConfig);
  const Image image = pull("r:1");
  ASSERT_EQ(image.layers.size(), 2U);
  EXPECT_TRUE(fs::exists(image.layers[1] + "/hello"));
}

Awaitable<void> pull_and_count(Images& images, std::string reference, int& done) {
  co_await images.pull(std::move(reference), "amd64");
  ++done;
}

TEST_F(ImagesTest, ConcurrentPullsFetchEachLayerOnce) {
  registry_->add_image("r:1", {layer_}, kConfig);
  registry_->add_image("r:2", {layer_, make_layer({{.name = "b"}})}, kConfig);
  int done = 0;
  for (const std::string tag : {"1", "1", "2", "1", "2"}) {
    asio::co_spawn(loop_, pull_and_count(*images_, registry_->host() + "/r:" + tag, done), asio::detached);
  }
  while (done < 5) loop_.run_one();
  EXPECT_EQ(registry_->requests_for("HEAD"), 2U);
  EXPECT_EQ(registry_->requests_for(digest_of(layer_)), 1U);
}

TEST_F(ImagesTest, UnknownTagHasFargatesText) {
  const std::string reference = registry_->host() + "/r:none";
  EXPECT_EQ(failure_of(reference),
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref " +
                reference + ": " + reference + ": not found");
}

TEST_F(ImagesTest, InvalidReferenceIsAPullError) {
  EXPECT_THAT(failure_of("UPPER"), HasSubstr("invalid reference format: repository name must be lowercase"));
}

TEST_F(ImagesTest, TokenIsFetchedAndKept) {
  registry_->add_image("r:1", {layer_}, kConfig);
  registry_->needs_token = true;
  EXPECT_EQ(pull("r:1").layers.size(), 1U);
  EXPECT_EQ(registry_->requests_for("/token"), 1U);
}

TEST_F(ImagesTest, LoginOfTheMirrorsUrlIsUsed) {
  registry_->add_image("library/busybox:latest", {layer_}, kConfig);
  registry_->needs_login = "Basic bWU6cEBzcw==";
  open({{"docker.io", "http://me:p%40ss@" + registry_->host() + "/"}});
  EXPECT_EQ(run(images_->pull("busybox", "amd64")).layers.size(), 1U);
}

TEST_F(ImagesTest, RefusedLoginHasFargatesText) {
  registry_->needs_login = "Basic nobody has this";
  EXPECT_THAT(failure_of(registry_->host() + "/r:1"),
              HasSubstr("pull access denied, repository does not exist or may require authorization"));
}

TEST_F(ImagesTest, BlobRedirectIsFollowedWithoutTheToken) {
  FakeRegistry storage(loop_.get_executor());
  registry_->add_image("r:1", {layer_}, kConfig);
  storage.blobs = registry_->blobs;
  registry_->needs_token = true;
  registry_->redirect_to = storage.url();
  EXPECT_EQ(pull("r:1").layers.size(), 1U);
  EXPECT_THAT(storage.authorizations, ElementsAre("", ""));
  run(storage.stop());
}

TEST_F(ImagesTest, DamagedLayerIsRefusedAndNothingIsKept) {
  registry_->add_image("r:1", {layer_}, kConfig);
  registry_->blobs[digest_of(layer_)] = make_layer({{.name = "evil"}});
  EXPECT_THAT(failure_of(registry_->host() + "/r:1"), HasSubstr("unexpected commit digest"));
  EXPECT_TRUE(fs::is_empty(folder_ + "/store/layers"));
  registry_->blobs[digest_of(layer_)] = layer_;
  EXPECT_EQ(pull("r:1").layers.size(), 1U);
}

TEST_F(ImagesTest, LayerThatLeadsOutIsRefused) {
  registry_->add_image("r:1", {make_layer({{.name = "../../x"}})}, kConfig);
  EXPECT_THAT(failure_of(registry_->host() + "/r:1"), HasSubstr("failed to extract layer"));
  EXPECT_TRUE(fs::is_empty(folder_ + "/store/unfinished"));
}

TEST_F(ImagesTest, UnreachableRegistryFallsBackToWhatIsStored) {
  const std::string digest = registry_->add_image("r:1", {layer_}, kConfig);
  pull("r:1");
  registry_->down = true;
  EXPECT_EQ(pull("r:1").digest, digest);
  EXPECT_THAT(failure_of(registry_->host() + "/r:2"), HasSubstr("503"));
  EXPECT_THAT(failure_of("127.0.0.1:1/r:1"), HasSubstr("failed to do request"));
}

TEST_F(ImagesTest, PullIsMeasured) {
  registry_->add_image("r:1", {layer_}, kConfig);
  pull("r:1");
  std::vector<double> times;
  for (int i = 0; i < 50; ++i) {
    const auto start = std::chrono::steady_clock::now();
    pull("r:1");
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  RecordProperty("warm_pull_p50_ms", std::to_string(times[25]));
  std::printf("warm pull: p50 %.2f ms, p90 %.2f ms\n", times[25], times[45]);
}

}  // namespace
}  // namespace sockerless::cloud

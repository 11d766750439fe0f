#include <fmt/format.h>

#include <boost/asio/executor_work_guard.hpp>

#include <filesystem>
#include <fstream>

#include "cloud/testing/test_cloud.h"

namespace sockerless::cloud {
namespace {

// A second cloud that begins with what the first has written so far, as after a kill.
class RestartTest : public test::TestCloud {
 protected:
  // What a cloud consists of, apart from its machine.
  struct Next {
    explicit Next(RestartTest& test)
        : state(test.folder_ + "/state", test.loop_.get_executor()),
          logs({test.folder_ + "/logs", {}, 0}, test.identity_, test.clock_, state),
          tasks(
              {test.loop_.get_executor(), test.clock_, test.pool_, test.machine_, logs, test.identity_, "", {}, "", {}},
              state),
          clusters(test.identity_, state),
          definitions(test.identity_, test.clock_, state),
          tokens(test.clock_, state) {}

    ecs::Task task(const std::string& arn) {
      const TaskRun* found = tasks.find(arn.substr(arn.rfind('/') + 1));
      return found == nullptr ? ecs::Task() : found->task();
    }

    StateStore state;
    logs::LogStore logs;
    Tasks tasks;
    ecs::Clusters clusters;
    ecs::TaskDefinitions definitions;
    ecs::ClientTokens tokens;
  };

  Next restart() {
    const auto keep_running = asio::make_work_guard(loop_);
    sockerless::test::run(loop_, state_.settled());
    return Next(*this);
  }

  void put_event(const std::string& message) {
    logs("PutLogEvents", fmt::format(R"({{"logGroupName":"/g","logStreamName":"s",
                                          "logEvents":[{{"timestamp":{},"message":"{}"}}]}})",
                                     store_.now_ms(), message));
  }

  void make_stream() {
    logs("CreateLogGroup", R"({"logGroupName":"/g"})");
    logs("CreateLogStream", R"({"logGroupName":"/g","logStreamName":"s"})");
  }

  static std::vector<std::string> messages(logs::Stream& stream) {
    std::vector<std::string> found;
    const auto& content = stream.file.content();
    for (std::size_t block = 0; block < content.blocks.size(); ++block) {
      logs::read_block(content, block, [&](std::int64_t, logs::Event event) {
        found.push_back(event.message);
        return true;
      });
    }
    return found;
  }
};

TEST_F(RestartTest, ARunningTaskIsFoundStoppedWithTheReason) {
  register_task(R"([{"name":"main","image":"busybox"}])");
  const std::string arn = run_task(R"("tags":[{"key":"k","value":"v"}],)");
  Next next = restart();
  const ecs::Task task = next.task(arn);
  EXPECT_EQ(task.last_status, "STOPPED");
  EXPECT_EQ(task.desired_status, "STOPPED");
  EXPECT_EQ(task.stop_code, "InfrastructureHealth");
  EXPECT_NE(task.stopped_reason.find("the local cloud was killed"), std::string::npos);
  EXPECT_NE(task.started_at, 0);
  EXPECT_NE(task.stopped_at, 0);
  EXPECT_FALSE(task.containers.at(0).exit_code);
  EXPECT_NE(task.containers.at(0).reason, "");
  EXPECT_EQ(task.tags.at(0).key, "k");
}

TEST_F(RestartTest, AStoppedTaskKeepsItsEndForAnHour) {
  register_task(R"([{"name":"main","image":"busybox"}])");
  const std::string arn = run_task();
  machine_.end("main", 3);
  settle();
  {
    Next next = restart();
    EXPECT_EQ(next.task(arn).containers.at(0).exit_code, 3);
    EXPECT_EQ(next.task(arn).stop_code, "EssentialContainerExited");
    clock_.advance(std::chrono::minutes(61));
    EXPECT_EQ(next.tasks.find(arn.substr(arn.rfind('/') + 1)), nullptr);
  }
  Next later = restart();
  EXPECT_TRUE(later.tasks.all().empty());
}

TEST_F(RestartTest, NewTasksComeBehindThoseOfBefore) {
  register_task(R"([{"name":"main","image":"busybox"}])");
  run_task();
  Next next = restart();
  const std::string first = next.tasks.all().begin()->first;
  const auto& revision = *next.definitions.find("web");
  next.tasks.launch(Tasks::make_id(), next.tasks.all().begin()->second->task(), revision.definition);
  EXPECT_EQ(next.tasks.all().size(), 2u);
  EXPECT_EQ(next.tasks.all().begin()->first, first);
  sockerless::test::run(loop_, next.tasks.shut_down({}));
}

TEST_F(RestartTest, ClustersAndTheirTagsStay) {
  ecs("CreateCluster", R"({"clusterName":"mine"})");
  ecs("TagResource",
      fmt::format(R"({{"resourceArn":"{}","tags":[{{"key":"a","value":"b"}}]}})", clusters_.arn_of("mine")));
  Next next = restart();
  EXPECT_EQ(next.clusters.get("mine").tags.at(0).value, "b");
}

TEST_F(RestartTest, DefinitionsKeepTheirNumbersAndStates) {
  register_task(R"([{"name":"main","image":"busybox"}])");
  register_task(R"([{"name":"main","image":"busybox"}])");
  ecs("DeregisterTaskDefinition", R"({"taskDefinition":"web:2"})");
  {
    Next next = restart();
    EXPECT_EQ(next.definitions.find("web")->definition.revision, 1);
    EXPECT_EQ(next.definitions.find("web:2")->definition.status, "INACTIVE");
  }
  clock_.advance(std::chrono::hours(25));
  Next later = restart();
  EXPECT_EQ(later.definitions.find("web:2"), nullptr);
  ecs::RegisterTaskDefinitionRequest request;
  static_cast<ecs::TaskDefinition&>(request) = later.definitions.find("web:1")->definition;
  EXPECT_EQ(later.definitions.add(request).definition.revision, 3);
}

TEST_F(RestartTest, AClientTokenStillMeansItsTasks) {
  register_task(R"([{"name":"main","image":"busybox"}])");
  const std::string arn = run_task(R"("clientToken":"once",)");
  const std::string request = json::to_text(json::parse<ecs::RunTaskRequest>(run_request(R"("clientToken":"once",)")));
  Next next = restart();
  const auto* launch = next.tokens.find(clusters_.arn_of("sockerless"), "once", request);
  ASSERT_NE(launch, nullptr);
  EXPECT_EQ(launch->task_arns.at(0), arn);
}

TEST_F(RestartTest, LogEventsAreThereAndMoreFollow) {
  make_stream();
  put_event("one");
  put_event("two");
  logs("PutRetentionPolicy", R"({"logGroupName":"/g","retentionInDays":7})");
  logs("TagLogGroup", R"({"logGroupName":"/g","tags":{"team":"blue"}})");
  Next next = restart();
  EXPECT_EQ(next.logs.get_group("/g").retention_in_days, 7);
  EXPECT_EQ(next.logs.get_group("/g").tags.at("team"), "blue");
  const auto stream = next.logs.get_stream("/g", "s");
  EXPECT_EQ(stream->last_event, store_.get_stream("/g", "s")->last_event);
  next.logs.append(*stream, {{next.logs.now_ms(), "three"}});
  EXPECT_EQ(messages(*stream), (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(RestartTest, AHalfWrittenLogEventIsDropped) {
  make_stream();
  put_event("whole");
  put_event("cut off");
  const std::string path = store_.get_stream("/g", "s")->file.content().path;
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 3);
  Next next = restart();
  const auto stream = next.logs.get_stream("/g", "s");
  EXPECT_EQ(messages(*stream), std::vector<std::string>{"whole"});
  next.logs.append(*stream, {{next.logs.now_ms(), "more"}});
  EXPECT_EQ(messages(*stream), (std::vector<std::string>{"whole", "more"}));
}

TEST_F(RestartTest, FilesOfDeletedStreamsAreRemoved) {
  make_stream();
  put_event("one");
  logs("DeleteLogGroup", R"({"logGroupName":"/g"})");
  std::ofstream(folder_ + "/logs/0000000099.events") << "left by a kill";
  Next next = restart();
  EXPECT_TRUE(std::filesystem::is_empty(folder_ + "/logs"));
  EXPECT_FALSE(next.logs.has_group("/g"));
}

TEST_F(RestartTest, StreamsWhoseRetentionIsOverAreRemoved) {
  make_stream();
  put_event("one");
  logs("PutRetentionPolicy", R"({"logGroupName":"/g","retentionInDays":1})");
  clock_.advance(std::chrono::hours(25));
  Next next = restart();
  EXPECT_TRUE(next.logs.get_group("/g").streams.empty());
}

TEST_F(RestartTest, ADamagedStateIsRefusedWithTheWayOut) {
  const std::string folder = folder_ + "/damaged";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/state.db") << std::string(8192, 'x');
  try {
    StateStore store(folder, loop_.get_executor());
    FAIL() << "it was accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(folder + "/state.db"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("move the file"), std::string::npos);
  }
}

}  // namespace
}  // namespace sockerless::cloud

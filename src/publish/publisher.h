#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <map>
#include <memory>
#include <string>

#include "base/task_group.h"
#include "core/container_table.h"
#include "core/network_driver.h"
#include "core/port_publisher.h"
#include "publish/port_requests.h"

namespace sockerless::publish {

// One listener for each published address; each connection is one dial session of the container's
// agent. Lives on the daemon's loop.
class Publisher final : public core::PortPublisher {
 public:
  // `containers` has the records that connections are made for; both outlive this.
  Publisher(Executor executor, const core::ContainerTable& containers,
            const core::DriverChain<core::NetworkDriver>& drivers);
  ~Publisher() override;

  core::PublishedPorts open(const core::Container& container) override;
  void reopen(const core::Container& container) override;
  void close(const std::string& container_id) override;

  Awaitable<void> shut_down();

 private:
  using Acceptor = asio::ip::tcp::acceptor;
  using Socket = asio::ip::tcp::socket;

  // What is open for one container.
  struct Opened {
    std::vector<std::shared_ptr<Acceptor>> acceptors;
    std::unique_ptr<TaskGroup> connections;
  };

  bool is_published(int port) const;
  std::vector<std::shared_ptr<Acceptor>> listen(const core::Container& container, const PortRequest& request);
  std::vector<std::shared_ptr<Acceptor>> listen_on(const std::string& host_ip, int port);
  void serve(const core::Container& container, Opened& opened, std::shared_ptr<Acceptor> acceptor, int port);
  Awaitable<void> accept(std::string container_id, std::shared_ptr<Acceptor> acceptor, int port);
  Awaitable<void> carry(std::string container_id, std::shared_ptr<Socket> client, int port);

  Executor executor_;
  const core::ContainerTable& containers_;
  const core::DriverChain<core::NetworkDriver>& drivers_;
  std::map<std::string, Opened> opened_;  // by container
  TaskGroup ended_;                       // what is being cut off
};

}  // namespace sockerless::publish

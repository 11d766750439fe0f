#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
#include "cloud/faults/faults.h"
#include "cloud/front/identity.h"
#include "cloud/front/service.h"
#include "cloud/front/signature.h"
#include "http/exchange.h"

namespace sockerless::cloud {

// Where every request arrives: finds the operation, checks the signature, answers in the protocol
// of the service. The checks come in AWS's order: a body that is no JSON, an unknown operation,
// the signature.
class FrontDoor {
 public:
  FrontDoor(SignatureVerifier verifier, Identity identity, Clock& clock, Faults& faults)
      : verifier_(std::move(verifier)), identity_(std::move(identity)), clock_(clock), faults_(faults) {}

  void add(Service service) { services_.push_back(std::move(service)); }

  Awaitable<void> handle(http::Exchange& exchange);

 private:
  struct Target {
    const Service* service;
    const Service::Operation* operation;
    std::string name;
  };

  Awaitable<std::string> answer_json(http::Exchange& exchange, std::string body);
  void answer_sts(http::Exchange& exchange, std::string body, const std::string& request_id);
  Time now() const;
  static Awaitable<void> drop(http::Exchange& exchange);
  Target find(std::string_view target) const;
  const Session* verify(const http::Exchange& exchange, std::string body, std::string_view service) const;

  SignatureVerifier verifier_;
  Identity identity_;
  Clock& clock_;
  Faults& faults_;
  std::vector<Service> services_;
};

}  // namespace sockerless::cloud

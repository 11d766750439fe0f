#include <fmt/format.h>

#include "docker/api.h"

namespace sockerless::docker {
namespace {

struct AuthRequest {
  std::string username;
  std::string password;
  std::string server_address;
  std::string identity_token;
  std::string registry_token;
  static constexpr auto fields() {
    using A = AuthRequest;
    using json::field;
    return std::tuple{field("username", &A::username), field("password", &A::password),
                      field("serveraddress", &A::server_address), field("identitytoken", &A::identity_token),
                      field("registrytoken", &A::registry_token)};
  }
};

struct AuthResponse {
  std::string status;
  std::string identity_token;
  static constexpr auto fields() {
    return std::tuple{json::field("Status", &AuthResponse::status),
                      json::field("IdentityToken", &AuthResponse::identity_token)};
  }
};

// A registry that cannot be reached from here may be reached by the tasks: it is no refusal.
Awaitable<void> log_in(ApiServices& services, http::Exchange& exchange) {
  const auto body = parse_json<AuthRequest>(co_await read_json_text(exchange));
  core::RegistryAuth auth;
  auth.username = body.username;
  auth.password = Secret(body.password);
  auth.identity_token = Secret(body.identity_token);
  auth.registry_token = Secret(body.registry_token);
  auth.server_address = body.server_address;
  AuthResponse response{.status = "Login Succeeded"};
  try {
    co_await services.images.log_in(std::move(auth));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unavailable) throw;
    response.status = fmt::format("Login Succeeded (unchecked: {})", error.what());
  }
  exchange.reply_json(http::Status::ok, response);
}

struct DescriptorView {
  std::string media_type;
  std::string digest;
  std::int64_t size = 0;
  static constexpr auto fields() {
    return std::tuple{json::field("mediaType", &DescriptorView::media_type),
                      json::field("digest", &DescriptorView::digest), json::field("size", &DescriptorView::size)};
  }
};

struct PlatformView {
  std::string architecture;
  std::string os;
  std::string variant;
  static constexpr auto fields() {
    return std::tuple{json::field("architecture", &PlatformView::architecture), json::field("os", &PlatformView::os),
                      json::field("variant", &PlatformView::variant, json::Emit::omit_empty)};
  }
};

struct DistributionView {
  DescriptorView descriptor;
  std::vector<PlatformView> platforms;
  static constexpr auto fields() {
    return std::tuple{json::field("Descriptor", &DistributionView::descriptor),
                      json::field("Platforms", &DistributionView::platforms)};
  }
};

Awaitable<void> inspect(ApiServices& services, http::Exchange& exchange) {
  const auto reference = core::ImageReference::parse(exchange.param("name"));
  auto auth = core::decode_registry_auth(exchange.header("X-Registry-Auth"));
  const auto image = co_await services.images.look_up(reference, std::move(auth));
  DistributionView view;
  view.descriptor = {image.media_type, image.digest, image.document_size};
  for (const core::Platform& platform : image.platforms) {
    view.platforms.push_back({platform.architecture, platform.os, platform.variant});
  }
  exchange.reply_json(http::Status::ok, view);
}

}  // namespace

void add_registry_routes(http::Router& router, ApiServices& services) {
  const auto bind = [&](auto operation) {
    return [&services, operation](http::Exchange& exchange) { return operation(services, exchange); };
  };
  router.post("/auth", bind(log_in));
  router.get("/distribution/{name*}/json", bind(inspect));
}

}  // namespace sockerless::docker

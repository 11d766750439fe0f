#include "cloud/images/imported_registry.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "cloud/images/digest.h"
#include "cloud/images/reference.h"
#include "http/target.h"

namespace sockerless::cloud {
namespace {

constexpr std::string_view kPrefix = "/imported/";
constexpr std::string_view kVersion = "/v2/";

struct DocumentKind {
  std::string media_type;

  static constexpr auto fields() { return std::tuple{json::field("mediaType", &DocumentKind::media_type)}; }
};

std::string media_type_of(const std::string& content) {
  try {
    const std::string type = json::parse<DocumentKind>(content).media_type;
    if (!type.empty()) return type;
  } catch (const Error&) {
    return "application/octet-stream";  // a configuration may be any document
  }
  return "application/vnd.oci.image.manifest.v1+json";
}

// HOST/v2/REPOSITORY/KIND/VERSION.
struct Asked {
  std::string repository;  // with the host
  std::string kind;
  std::string version;
};

std::optional<Asked> parse_path(std::string_view path) {
  path.remove_prefix(kPrefix.size());
  const auto api = path.find(kVersion);
  if (api == std::string_view::npos) return std::nullopt;
  const std::string_view rest = path.substr(api + kVersion.size());
  const auto last = rest.rfind('/');
  const auto kind = last == std::string_view::npos ? last : rest.rfind('/', last - 1);
  if (kind == std::string_view::npos || last == 0) return std::nullopt;
  return Asked{fmt::format("{}/{}", path.substr(0, api), rest.substr(0, kind)),
               std::string(rest.substr(kind + 1, last - kind - 1)), std::string(rest.substr(last + 1))};
}

bool is_of_repository(const ImportedImage& image, const std::string& repository) {
  return image.reference.substr(0, image.reference.rfind(':')) == repository;
}

}  // namespace

std::optional<ImportedRegistry::Document> ImportedRegistry::find(const std::string& path) const {
  const auto asked = parse_path(path);
  if (!asked) return std::nullopt;
  for (const ImportedImage& image : images_.list()) {
    if (!is_of_repository(image, asked->repository)) continue;
    const bool is_manifest = asked->kind == "manifests";
    const std::string& digest = is_manifest ? image.digest : image.config;
    const bool is_tag = is_manifest && image.reference == asked->repository + ":" + asked->version;
    if (!is_tag && asked->version != digest) continue;
    std::ifstream file(fmt::format("{}/documents/{}", store_folder_, hexadecimal(digest)), std::ios::binary);
    if (file) return Document{digest, std::string(std::istreambuf_iterator<char>(file), {})};
  }
  return std::nullopt;
}

void ImportedRegistry::answer(http::Exchange& exchange) const {
  const auto document = find(http::percent_decode(exchange.target().path()));
  if (!document || (exchange.method() != "GET" && exchange.method() != "HEAD")) {
    exchange.reply_text(http::Status::not_found, "application/json",
                        R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]})"
                        "\n");
    return;
  }
  exchange.add_header("Docker-Content-Digest", document->digest);
  exchange.reply_text(http::Status::ok, media_type_of(document->content), document->content);
}

}  // namespace sockerless::cloud

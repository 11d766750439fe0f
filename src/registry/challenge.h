#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sockerless::registry {

// What a WWW-Authenticate header asks for.
struct Challenge {
  std::string scheme;                             // "bearer", "basic": lower case
  std::map<std::string, std::string> parameters;  // names in lower case

  // "" if there is none.
  std::string parameter(const std::string& name) const;
};

// Malformed parts are skipped; a header may hold several challenges.
std::vector<Challenge> parse_challenges(std::string_view header);

}  // namespace sockerless::registry

#include "aws/sts.h"

#include <fmt/format.h>

#include "aws/xml.h"

namespace sockerless::aws {

Awaitable<CallerIdentity> Sts::get_caller_identity() {
  const std::string answer =
      co_await client_.call_query(kSts, "GetCallerIdentity", "Action=GetCallerIdentity&Version=2011-06-15");
  CallerIdentity identity{
      .account = xml_text(answer, "Account"), .arn = xml_text(answer, "Arn"), .user_id = xml_text(answer, "UserId")};
  if (identity.account.empty()) {
    throw Error(ErrorKind::internal, fmt::format("GetCallerIdentity: the answer from {} names no account", kSts.name));
  }
  co_return identity;
}

}  // namespace sockerless::aws

#pragma once

#include "config/option.h"

namespace sockerless::daemon {

using config::List;
using config::Option;
using config::Pairs;

// Everything that can be set; docs/configuration.md is printed from here.
struct DaemonOptions : config::Options {
  Option<List> listen{this, "listen", List{"unix:///var/run/sockerless.sock"},
                      "Where the Docker API is served: `unix://PATH`, `tcp://HOST:PORT`, or `fd://` for "
                      "the sockets that systemd passes; several separated by commas."};
  Option<std::string> socket_group{this, "socket-group", "", "Group of the unix sockets, by name or number."};
  Option<std::string> socket_mode{this, "socket-mode", "0660", "Permissions of the unix sockets, octal."};
  Option<std::string> tls_cert{this, "tls-cert", "",
                               "PEM file of the certificate with which TCP addresses are served over TLS."};
  Option<std::string> tls_key{this, "tls-key", "", "PEM file of the certificate's key."};
  Option<std::string> tls_ca{this, "tls-ca", "",
                             "PEM file of the authorities that clients' certificates must come from "
                             "(`DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`)."};
  Option<bool> insecure_tcp{this, "insecure-tcp", false,
                            "Serve the Docker API on TCP addresses other than loopback without clients' "
                            "certificates: whoever reaches them runs what they like on your account."};
  Option<std::string> state_dir{
      this, "state-dir", "",
      "Folder of the daemon's state; `none` keeps it in memory only. Empty: `/var/lib/sockerless` "
      "for root, else `~/.local/state/sockerless`."};
  Option<std::string> instance{
      this, "instance", "",
      "Name that says whose the tasks are. Empty: made once and kept in the state folder; required "
      "with `--state-dir none`."};
  Option<std::string> log_level{this, "log-level", "info",
                                "Least level that is logged: trace, debug, info, warn or error."};
  Option<std::string> log_format{this, "log-format", "text", "Form of log lines: text or json."};

  Option<std::string> metrics{this, "metrics", "",
                              "Where Prometheus finds metrics, `HOST:PORT`, under `/metrics`. Empty: nowhere. Nobody "
                              "is asked who they are."};

  Option<bool> local{this, "local", false,
                     "Start sockerless-cloud, a Fargate on this machine, and run the tasks there. "
                     "Needs root."};
  Option<std::string> local_agent{
      this, "local-agent", "reverse",
      "With --local, who connects: `reverse` (agents call the daemon) or `forward` (the daemon "
      "dials the tasks)."};
  Option<int> local_port{this, "local-port", 0,
                         "With --local, the port of the local cloud's AWS API on 127.0.0.1; 0 takes "
                         "a free one."};

  Option<std::string> region{this, "region", "us-east-1",
                             "AWS region. Not given: that of the profile in `~/.aws/config`, if it has one.",
                             "AWS_REGION AWS_DEFAULT_REGION"};
  Option<std::string> endpoint_url{this, "endpoint-url", "", "URL of all AWS services, instead of AWS's own.",
                                   "AWS_ENDPOINT_URL"};
  Option<std::string> endpoint_url_ecs{this, "endpoint-url-ecs", "", "URL of ECS.", "AWS_ENDPOINT_URL_ECS"};
  Option<std::string> endpoint_url_logs{this, "endpoint-url-logs", "", "URL of CloudWatch Logs.",
                                        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"};
  Option<std::string> endpoint_url_sts{this, "endpoint-url-sts", "", "URL of STS.", "AWS_ENDPOINT_URL_STS"};
  Option<std::string> endpoint_url_ec2{this, "endpoint-url-ec2", "", "URL of EC2.", "AWS_ENDPOINT_URL_EC2"};
  Option<bool> aws_fips{this, "aws-fips", false, "Use AWS's FIPS endpoints.", "AWS_USE_FIPS_ENDPOINT"};
  Option<bool> aws_dual_stack{this, "aws-dual-stack", false, "Use AWS's endpoints for IPv4 and IPv6.",
                              "AWS_USE_DUALSTACK_ENDPOINT"};
  Option<std::string> aws_ca_bundle{this, "aws-ca-bundle", "",
                                    "PEM file of the authorities that AWS's certificates must come from, instead of "
                                    "the system's.",
                                    "AWS_CA_BUNDLE"};
  Option<bool> api_rate_limits{this, "api-rate-limits", true, "Stay below the request rates that AWS publishes."};
  Option<std::string> ecs_cluster{this, "ecs-cluster", "sockerless", "ECS cluster that tasks run in."};
  Option<List> ecs_subnets{this, "ecs-subnets", List{}, "Subnets of the tasks, separated by commas."};
  Option<List> ecs_security_groups{this, "ecs-security-groups", List{},
                                   "Security groups of the tasks, separated by commas."};
  Option<std::string> ecs_execution_role_arn{this, "ecs-execution-role-arn", "",
                                             "Role with which Fargate pulls images and writes logs; required."};
  Option<std::string> ecs_task_role_arn{this, "ecs-task-role-arn", "", "Role of the containers themselves."};
  Option<std::string> ecs_log_group{this, "ecs-log-group", "/sockerless",
                                    "CloudWatch log group of the containers' output."};
  Option<std::string> ecs_log_mode{this, "ecs-log-mode", "blocking",
                                   "Mode of awslogs: `blocking` loses no line, `non-blocking` never "
                                   "holds a container back."};
  Option<std::string> ecs_capacity{this, "ecs-capacity", "on-demand",
                                   "What tasks run on: `on-demand`, `spot` (cheaper, interrupted at two minutes' "
                                   "notice), or `spot-fallback` (Spot, and on demand where Spot has no room). The "
                                   "label `sockerless.capacity` says it for one container."};
  Option<bool> ecs_public_ip{this, "ecs-public-ip", false, "Give tasks a public address."};

  Option<std::string> agent_efs_id{this, "agent-efs-id", "",
                                   "EFS file system that holds the agent as "
                                   "`/{amd64,arm64}/sockerless-agent`."};
  Option<std::string> agent_image{this, "agent-image", "",
                                  "Image that installs the agent into each task, where there is no "
                                  "file system with it."};
  Option<std::string> agent_user{this, "agent-user", "task",
                                 "Whom the agent runs as: `task`, the container's user, who may exec and copy only "
                                 "what that user may; or `root`, which becomes the container's user for its command "
                                 "and every exec without a user."};
  Option<Secret> agent_token{this, "agent-token", Secret(),
                             "Token of every container's agent, for tests. Empty: each container has one of its own, "
                             "256 random bits."};
  Option<std::chrono::milliseconds> agent_lease{
      this, "agent-lease", std::chrono::milliseconds(0),
      "How long a container goes on when no daemon has been connected to its agent; then its command is "
      "ended. 0: for ever. For CI, where a machine that is gone must not leave tasks that cost money."};
  Option<std::string> callback_url{
      this, "callback-url", "",
      "URL under which agents reach the callback listener. Set: agents call the daemon; empty: the "
      "daemon dials the tasks."};
  Option<std::string> callback_listen{this, "callback-listen", "",
                                      "Where agents are answered, `HOST:PORT`; required with a "
                                      "callback URL."};
  Option<int> max_tasks{
      this, "max-tasks", 0,
      "How many containers may run at a time; a start beyond that is refused. 0: as many as AWS lets."};
  Option<std::chrono::milliseconds> start_wait{this, "start-wait", std::chrono::seconds(50),
                                               "How long `start` waits for the task before it answers all the same."};

  Option<int> staging_limit{this, "staging-limit", 4096,
                            "MiB that may be copied into a container before it starts; they are kept in the state "
                            "folder and put into its task at every start."};
  Option<int> restart_limit{this, "restart-limit", 10,
                            "Tasks that a restart policy launches for one container within an hour; 0 sets no limit."};
  Option<bool> helper_autostop{this, "helper-autostop", false,
                               "Stop each container 500 ms behind its start unless its command is `tail -f "
                               "/dev/null`: for clients that start helpers and do not wait for what they do."};
  Option<std::string> binds{this, "binds", "empty",
                            "What a bind of a file or folder of this host becomes: `empty` (an empty folder and a "
                            "warning), `copy` (a copy, made at every start, of at most --staging-limit; nothing "
                            "comes back) or `refuse` (an error)."};

  Option<Pairs> registry_credentials{this, "registry-credentials", Pairs{},
                                     "Secrets with which tasks pull private images: `HOST=SECRET_ARN`, several "
                                     "separated by commas. The label `sockerless.registry-credentials` names the "
                                     "secret of one container. ECR needs none."};
  Option<bool> fetch_image_config{this, "fetch-image-config", true, "Ask registries for the configuration of images."};
  Option<Pairs> registry_mirror{this, "registry-mirror", Pairs{},
                                "Registries to ask instead: `HOST=URL`, several separated by "
                                "commas."};
};

}  // namespace sockerless::daemon

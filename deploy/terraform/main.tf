# Everything that sockerlessd needs on AWS: a cluster, roles, a log group, a security group, a repository for the agent.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_region" "here" {}
data "aws_caller_identity" "me" {}
data "aws_partition" "current" {}

# The default VPC and its subnets, unless others are named.
data "aws_vpc" "chosen" {
  id      = var.vpc_id
  default = var.vpc_id == null ? true : null
}

data "aws_subnets" "of_the_vpc" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.chosen.id]
  }
}

locals {
  subnets = length(var.subnet_ids) > 0 ? var.subnet_ids : data.aws_subnets.of_the_vpc.ids
  # The group's ARN as IAM wants it, without the ":*" that some answers have.
  log_group_arn = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.here.name}:${data.aws_caller_identity.me.account_id}:log-group:${var.log_group}"
}

resource "aws_ecs_cluster" "sockerless" {
  name = var.name
}

resource "aws_ecs_cluster_capacity_providers" "sockerless" {
  cluster_name       = aws_ecs_cluster.sockerless.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
}

resource "aws_cloudwatch_log_group" "containers" {
  name              = var.log_group
  retention_in_days = var.log_retention_days
}

resource "aws_ecr_repository" "agent" {
  name         = "${var.name}-agent"
  force_delete = true
}

# Tasks reach everything; into them comes the daemon only, and only where it dials them. The connection to port 9111 is
# not encrypted: for a daemon outside of the VPC use a callback URL, and leave daemon_security_group_id empty.
resource "aws_security_group" "tasks" {
  name        = "${var.name}-tasks"
  description = "Tasks of sockerlessd"
  vpc_id      = data.aws_vpc.chosen.id
}

resource "aws_vpc_security_group_egress_rule" "everywhere" {
  security_group_id = aws_security_group.tasks.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_vpc_security_group_ingress_rule" "agent" {
  count                        = var.daemon_security_group_id == null ? 0 : 1
  security_group_id            = aws_security_group.tasks.id
  referenced_security_group_id = var.daemon_security_group_id
  from_port                    = 9111
  to_port                      = 9111
  ip_protocol                  = "tcp"
}

# Containers of one user-defined network talk to each other.
resource "aws_vpc_security_group_ingress_rule" "between_tasks" {
  security_group_id            = aws_security_group.tasks.id
  referenced_security_group_id = aws_security_group.tasks.id
  ip_protocol                  = "-1"
}

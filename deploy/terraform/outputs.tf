output "environment" {
  description = "The daemon's settings: terraform output -raw environment > /etc/sockerless/environment"
  value       = <<-END
    AWS_REGION=${data.aws_region.here.name}
    SOCKERLESS_ECS_CLUSTER=${aws_ecs_cluster.sockerless.name}
    SOCKERLESS_ECS_SUBNETS=${join(",", local.subnets)}
    SOCKERLESS_ECS_SECURITY_GROUPS=${aws_security_group.tasks.id}
    SOCKERLESS_ECS_EXECUTION_ROLE_ARN=${aws_iam_role.execution.arn}
    SOCKERLESS_ECS_TASK_ROLE_ARN=${aws_iam_role.task.arn}
    SOCKERLESS_ECS_LOG_GROUP=${aws_cloudwatch_log_group.containers.name}
    SOCKERLESS_AGENT_IMAGE=${aws_ecr_repository.agent.repository_url}:latest
  END
}

output "agent_repository" {
  description = "Where scripts/push-agent-image puts the agent."
  value       = aws_ecr_repository.agent.repository_url
}

output "daemon_policy_arn" {
  description = "Policy to attach to the daemon's user or role."
  value       = aws_iam_policy.daemon.arn
}

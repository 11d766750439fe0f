data "aws_iam_policy_document" "by_tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.me.account_id]
    }
  }
}

# With it Fargate pulls images and writes logs.
resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  assume_role_policy = data.aws_iam_policy_document.by_tasks.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

# Secrets with which private images are pulled (SOCKERLESS_REGISTRY_CREDENTIALS).
resource "aws_iam_role_policy" "registry_secrets" {
  count = length(var.registry_secret_arns) > 0 ? 1 : 0
  name  = "registry-secrets"
  role  = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = var.registry_secret_arns
    }]
  })
}

# What the containers themselves may do: nothing, until you attach something.
resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  assume_role_policy = data.aws_iam_policy_document.by_tasks.json
}

# What the daemon's credentials need and no more. The template is made by tools/iam_policy.py from the calls in the code.
resource "aws_iam_policy" "daemon" {
  name = "${var.name}-daemon"
  policy = templatefile("${path.module}/daemon-policy.json.tftpl", {
    cluster_arn        = aws_ecs_cluster.sockerless.arn
    log_group_arn      = local.log_group_arn
    execution_role_arn = aws_iam_role.execution.arn
    task_role_arn      = aws_iam_role.task.arn
  })
}

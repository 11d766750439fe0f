variable "name" {
  description = "Name of the cluster, and the beginning of all other names."
  type        = string
  default     = "sockerless"
}

variable "vpc_id" {
  description = "VPC of the tasks; the region's default VPC if not given."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Subnets of the tasks; all of the VPC's if not given."
  type        = list(string)
  default     = []
}

variable "daemon_security_group_id" {
  description = "Security group of a daemon inside the VPC that dials the tasks; none if agents call the daemon."
  type        = string
  default     = null
}

variable "log_group" {
  description = "CloudWatch log group of the containers' output."
  type        = string
  default     = "/sockerless"
}

variable "log_retention_days" {
  description = "After how many days output is deleted."
  type        = number
  default     = 14
}

variable "registry_secret_arns" {
  description = "Secrets that hold registries' credentials."
  type        = list(string)
  default     = []
}

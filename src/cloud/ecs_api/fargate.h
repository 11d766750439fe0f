#pragma once

#include <string>

#include "cloud/ecs_api/types/task_definition.h"

// What Fargate accepts, and the words in which it refuses the rest.
namespace sockerless::cloud::ecs {

// "256", "1 vCPU", ".25 vCPU" → units; "512", "2GB" → MiB. Throws ApiError(ClientException).
int parse_cpu(const std::string& text);
int parse_memory(const std::string& text);

// Throws ApiError(ClientException) unless Fargate offers the pair.
void check_size(int cpu_units, int memory_mib);

// Throws ApiError: the first thing that Fargate would refuse, or that this cloud cannot do.
void validate_task_definition(const TaskDefinition& definition);

// The part of it that looks at one container alone.
void validate_container(const ContainerDefinition& container, const TaskDefinition& definition);

}  // namespace sockerless::cloud::ecs

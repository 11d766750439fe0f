#include "core/container_table.h"

#include <algorithm>

#include "core/errors.h"

namespace sockerless::core {

EntryPointer ContainerTable::get(std::string_view reference) const {
  if (const auto exact = by_id_.find(reference); exact != by_id_.end()) return exact->second;
  std::string_view name = reference;
  if (name.starts_with('/')) name.remove_prefix(1);
  if (const auto named = id_by_name_.find(name); named != id_by_name_.end()) {
    // A name that is only claimed belongs to no container yet.
    if (EntryPointer entry = find(named->second)) return entry;
  }
  if (reference.empty()) throw no_such_container(reference);
  const auto first = by_id_.lower_bound(reference);
  if (first == by_id_.end() || !first->first.starts_with(reference)) {
    throw no_such_container(reference);
  }
  const auto second = std::next(first);
  if (second != by_id_.end() && second->first.starts_with(reference)) {
    throw ambiguous_prefix(reference);
  }
  return first->second;
}

EntryPointer ContainerTable::find(const std::string& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

void ContainerTable::claim_name(const std::string& name, const std::string& id) {
  const auto [existing, added] = id_by_name_.emplace(name, id);
  if (!added) throw name_in_use(name, existing->second);
}

void ContainerTable::release_name(const std::string& name) { id_by_name_.erase(name); }

EntryPointer ContainerTable::add(Container record) {
  auto entry = std::make_shared<ContainerEntry>();
  entry->record = std::move(record);
  by_id_[entry->record.id] = entry;
  return entry;
}

void ContainerTable::remove(const std::string& id) {
  const EntryPointer entry = find(id);
  if (!entry) return;
  release_name(entry->record.name);
  by_id_.erase(id);
  entry->removed = true;
  entry->changed.pulse();
}

std::vector<EntryPointer> ContainerTable::all() const {
  std::vector<EntryPointer> entries;
  entries.reserve(by_id_.size());
  for (const auto& [id, entry] : by_id_) entries.push_back(entry);
  std::stable_sort(entries.begin(), entries.end(), [](const auto& left, const auto& right) {
    return left->record.created_at > right->record.created_at;
  });
  return entries;
}

}  // namespace sockerless::core

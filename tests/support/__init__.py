"""What the end-to-end, compatibility and speed tests share: servers, clients and waiting."""

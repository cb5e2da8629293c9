# Succeeds when the ZooKeeper node of this pod serves clients: it leads, or follows a leader, so that a majority agrees.
# A node without a majority listens and answers, but not with a mode. Runs in bash, as ZooKeeper's own scripts do.
set -euo pipefail
exec 3<>/dev/tcp/127.0.0.1/2181
printf srvr >&3
answer=$(cat <&3)
grep -qxE 'Mode: (leader|follower|standalone)' <<<"$answer"

# What a Docker engine has to be told so that its containers find the names of a cluster, in the three forms that engines
# are told things in. Reads DNS_SERVERS, DNS_SEARCH and DNS_OPTIONS, words with blanks between them. The order matters:
# the cluster's DNS server comes first.

# The line of /etc/default/docker, for engines that read that file.
docker_opts() {
  line=""
  for word in $DNS_SERVERS; do line="$line --dns=$word"; done
  for word in $DNS_SEARCH; do line="$line --dns-search $word"; done
  for word in $DNS_OPTIONS; do line="$line --dns-opt $word"; done
  printf 'DOCKER_OPTS="%s"\n' "${line# }"
}

# Words as a JSON list. None of them needs an escape: they are addresses, domains and resolver options.
json_list() {
  list=""
  for word; do list="$list, \"$word\""; done
  printf '[%s]' "${list#, }"
}

# The keys of /etc/docker/daemon.json.
daemon_json() {
  # shellcheck disable=SC2086 # words are wanted
  printf '{"dns": %s, "dns-search": %s, "dns-opts": %s}\n' \
    "$(json_list $DNS_SERVERS)" "$(json_list $DNS_SEARCH)" "$(json_list $DNS_OPTIONS)"
}

# A systemd drop-in, for an engine whose unit does not read /etc/default/docker.
systemd_drop_in() {
  # shellcheck disable=SC2016 # systemd reads it
  printf '%s\n' '[Service]' 'EnvironmentFile=-/etc/default/docker' 'ExecStart=' \
    'ExecStart=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock $DOCKER_OPTS'
}

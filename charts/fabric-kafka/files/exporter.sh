# Asks the brokers in BROKERS (host:port, one a line) what they know of topics, and writes it to $1 as metrics, every 15
# seconds, under the names of the well-known kafka_exporter: ISR means the copies in sync.
#
# Runs in bash, as Kafka's own scripts do. The question is Kafka's metadata request (key 3, version 1, all topics), which
# every broker from 0.10 to 3.9 answers; topics that belong to Kafka itself are left out.
set -uo pipefail

# Puts the answer of broker $1 as numbers of bytes into `bytes`.
ask() {
  local size
  exec 3<>"/dev/tcp/${1%:*}/${1##*:}" || return 1
  printf '\0\0\0\016\0\003\0\001\0\0\0\001\377\377\377\377\377\377' >&3
  # Byte by byte: whoever reads in larger pieces takes what the next one waits for.
  size=$(dd bs=1 count=4 status=none <&3 | od -An -tx1 | tr -d ' \n')
  bytes=()
  [ "${#size}" -eq 8 ] && mapfile -t bytes < <(dd bs=1 count="$((16#$size))" status=none <&3 | od -An -v -tu1 -w1 | tr -d ' ')
  exec 3>&-
  [ "${#size}" -eq 8 ] && [ "${#bytes[@]}" -eq "$((16#$size))" ]
}

# Reads a number of $1 bytes into `number`; -1 is what Kafka says for nothing.
read_number() {
  local end=$((at + $1))
  number=0
  while [ "$at" -lt "$end" ]; do
    number=$((number << 8 | bytes[at]))
    at=$((at + 1))
  done
  [ "$number" -lt "$((1 << (8 * $1 - 1)))" ] || number=$((number - (1 << (8 * $1))))
}

# Reads a text into `text`.
read_text() {
  local end
  read_number 2
  text=
  end=$((at + (number < 0 ? 0 : number)))
  while [ "$at" -lt "$end" ]; do
    printf -v text "%s\\x$(printf %x "${bytes[at]}")" "$text"
    at=$((at + 1))
  done
  printf -v text %b "$text"
}

# Skips a list of numbers and says its length in `count`.
skip_numbers() {
  read_number 4
  count=$number
  at=$((at + 4 * count))
}

partition_metrics() {
  local labels leader replicas in_sync
  read_number 2
  read_number 4
  labels="topic=\"$1\",partition=\"$number\""
  read_number 4
  leader=$number
  skip_numbers
  replicas=$count
  skip_numbers
  in_sync=$count
  echo "kafka_topic_partition_leader{$labels} $leader"
  echo "kafka_topic_partition_replicas{$labels} $replicas"
  echo "kafka_topic_partition_in_sync_replica{$labels} $in_sync"
  echo "kafka_topic_partition_under_replicated_partition{$labels} $((in_sync < replicas))"
}

metrics() {
  local brokers topics topic internal partitions
  at=4
  read_number 4
  brokers=$number
  echo "kafka_brokers $brokers"
  for ((; brokers > 0; brokers--)); do
    read_number 4
    read_text
    read_number 4
    read_text
  done
  read_number 4
  read_number 4
  topics=$number
  for ((; topics > 0; topics--)); do
    read_number 2
    read_text
    topic=$text
    read_number 1
    internal=$number
    read_number 4
    partitions=$number
    for ((; partitions > 0; partitions--)); do
      if [ "$internal" -eq 0 ]; then
        partition_metrics "$topic"
      else
        partition_metrics "$topic" >/dev/null
      fi
    done
  done
}

# What the first broker says that answers; without one there are no brokers.
ask_anybody() {
  echo "kafka_exporter_asked_seconds $(date +%s)"
  for broker in $BROKERS; do
    if ask "$broker"; then
      metrics
      return
    fi
  done
  echo "kafka_brokers 0"
}

while :; do
  ask_anybody >"$1.new" 2>/tmp/errors
  mv "$1.new" "$1"
  end_round 15
done

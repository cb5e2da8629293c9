# Asks the broker at $1:$2 which brokers it knows, and succeeds when all hosts that follow are among them.
#
# Runs in bash, which Kafka's own start scripts need as well; a Java program for each probe would cost a second of
# processor time. The question is Kafka's metadata request (key 3, version 1, no topics), which every broker from 0.10 to
# 3.9 answers; its answer begins with its length. A broker answers once it processes requests, and names itself once it
# is registered and the controller has told everybody.
set -euo pipefail
host=$1 port=$2
shift 2

exec 3<>"/dev/tcp/$host/$port"
printf '\0\0\0\016\0\003\0\001\0\0\0\001\377\377\0\0\0\0' >&3
# Byte by byte: whoever reads in larger pieces takes what the next one waits for.
length=$((16#$(dd bs=1 count=4 status=none <&3 | od -An -tx1 | tr -d ' \n')))
known=$(dd bs=1 count="$length" status=none <&3 | tr -c 'a-z0-9.-' '\n')
for wanted in "$@"; do
  # Before a name stands its length, which is a letter or a digit for some lengths.
  if ! grep -qxE -- ".?${wanted//./\\.}" <<<"$known"; then
    echo "$host:$port does not know broker $wanted" >&2
    exit 1
  fi
done

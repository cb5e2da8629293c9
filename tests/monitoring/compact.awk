# Keeps one line for each name and set of labels of a page of metrics, of histograms the last bucket; runtime metrics go.
/^#/ || /^(go|process|promhttp|etcd)_/ { next }
/_bucket[{]/ && !/le="\+Inf"/ { next }
{
  key = $0
  sub(/[ ][^ ]*$/, "", key)
  gsub(/="[^"]*"/, "", key)
  if (!(key in seen)) { seen[key] = 1; print }
}

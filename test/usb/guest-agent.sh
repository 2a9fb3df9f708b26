# Runs in the guest what the host asks for, each command by itself: a line «ID ESCAPED» comes, a line «ID STATUS BASE64» goes back with the output, a
# zero byte, and the errors. Commands that are asked for together run together. In an emulated machine a program takes 50 ms to start: so few are.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
answers=/run/guest/answers
mkdir -p "$answers"
for port in /dev/vport*; do exec 3<>"$port"; done
# Whoever reads the one byte may answer, and puts it back.
mkfifo "$answers/turn"
exec 4<>"$answers/turn"
printf . >&4

serve() {
  local command output errors
  printf -v command %b "$2"
  (eval "$command") >"$answers/$1.output" 2>"$answers/$1.errors" </dev/null 3>&- 4>&-
  local status=$?
  IFS= read -r -d '' output <"$answers/$1.output"
  IFS= read -r -d '' errors <"$answers/$1.errors"
  local encoded
  encoded=$(printf '%s\0%s' "$output" "$errors" | base64 -w0)
  IFS= read -r -N1 _ <&4
  printf '%s %s %s\n' "$1" "$status" "$encoded" >&3
  printf . >&4
}

echo ready >&3
while IFS=' ' read -r id command <&3; do serve "$id" "$command" & done

/** Notes how it was called; a plan is a file, and ends as the stage says. */
export const tool = `#!/bin/sh
echo "$*" >> "$STAGE/tool.log"
case " $* " in
  *" -version "*) echo "v1.11.4" ;;
  *" fmt "*) cat "$STAGE/unformed"; test ! -s "$STAGE/unformed" ;;
  *" plan "*)
    for word; do case "$word" in -out=*) echo secret > "\${word#-out=}" ;; esac; done
    echo "it prints a password"
    cat "$STAGE/plan-says" >&2
    exit "$(cat "$STAGE/plan-ends")" ;;
  *" show "*) echo '{}' ;;
  *" apply "*) exit "$(cat "$STAGE/apply-ends")" ;;
esac
`;
/** Closes nothing; that it does is played with the real one. */
export const openssl = `#!/bin/sh
test "$1" = cms || exit 1
case "$*" in *-decrypt*) grep -q "the key" /dev/fd/3 || exit 1 ;; esac
while test $# -gt 0; do case "$1" in -in) from="$2" ;; -out) to="$2" ;; esac; shift; done
cp "$from" "$to"
`;
export const pipx = `#!/bin/sh\necho '{}'\n`;
export const login = `runs:
  using: composite
  steps:
    - shell: bash
      run: echo "$WHERE" >> "$STAGE/logins"
      env: { WHERE: '\${{ inputs.environment }}' }
inputs: { environment: { required: true } }
`;
/** Finds nothing, in a report of its own. */
export const gitleaks = `#!/bin/sh
while test $# -gt 0; do
  case "$1" in --report-path) echo '[]' > "$2" ;; --report-path=*) echo '[]' > "\${1#*=}" ;; esac
  shift
done
`;

import { execFileSync } from 'node:child_process';

/** What nobody may read anywhere. */
export const password = 'correct-horse-battery';
/** Infrastructure without a provider. */
export const main = `terraform {
  backend "local" {}
}

variable "size" {
  type = string
}

variable "password" {
  type      = string
  sensitive = true
  default   = "${password}"
}

resource "terraform_data" "shop" {
  input = { size = var.size, password = var.password }
}
`;
/** Resources whose plan is larger than a comment. */
export const many = `resource "terraform_data" "many" {
  for_each = toset([for at in range(250) : "$\{at}-${'x'.repeat(100)}"])
  input    = each.key
}
`;
/** A policy of the team. */
export const policy = `package plan

deny contains sprintf("%s is too large", [change.address]) if {
  some change in input.resource_changes
  change.change.after.input.size == "999"
}

# What is sensitive is not seen.
deny contains "the policy saw the password" if contains(json.marshal(input), "${password}")
`;
/** The login of the team: notes where it was made, and what of OIDC the job has. */
export const login = `runs:
  using: composite
  steps:
    - shell: bash
      run: echo "$WHERE" >> "$ROOT/logins"
      env: { WHERE: '\${{ inputs.environment }}' }
inputs: { environment: { required: true } }
`;
/** Where Terraform is on this machine. */
export const terraform = execFileSync('bash', ['-c', 'command -v terraform'], { encoding: 'utf8' }).trim();
/** Terraform that keeps the bytes of each plan, and compares them with what is applied. */
export const watched = `#!/bin/bash
status=0
${terraform} "$@" || status=$?
for word; do case "$word" in -out=*) cp "\${word#-out=}" "$ROOT/planned" ;; esac; done
case " $* " in *" apply "*) if cmp -s "\${!#}" "$ROOT/planned"; then echo same; else echo other; fi >> "$ROOT/applied" ;; esac
exit "$status"
`;

terraform {
  required_version = ">= 1.5"

  # Its path comes with init: a backend cannot read variables. A bucket with a lock is what several machines need.
  backend "local" {}
}

variable "name" {
  type        = string
  description = "pr- and the number of the pull request"

  validation {
    condition     = can(regex("^pr-[1-9][0-9]*$", var.name))
    error_message = "It is pr- and a number."
  }
}

module "shop" {
  source = "./shop"
  name   = var.name
}

resource "terraform_data" "made" {
  # The first instant stays, whatever is applied later.
  input = timestamp()

  lifecycle {
    ignore_changes = [input]
  }
}

output "url" {
  value = module.shop.url
}

output "made" {
  value = terraform_data.made.output
}

# Stands for what your shop needs: containers, a database with sample data, a DNS name under a zone of its own.
variable "name" {
  type = string
}

variable "domain" {
  type    = string
  default = "preview.shop.example"
}

resource "terraform_data" "shop" {
  input = "https://${var.name}.${var.domain}"
}

output "url" {
  value = terraform_data.shop.output
}

/**
 * Types that hold no data: what their files say is all there is of them. `*` at the end is any rest. A type that is
 * neither here nor in stateful.ts is on hold when it would be destroyed; teams add their own by the input `stateless`.
 */
export const statelessTypes: readonly string[] = [
  ...['null_resource', 'terraform_data', 'time_*', 'local_file'],
  ...['random_id', 'random_integer', 'random_pet', 'random_shuffle', 'random_string', 'random_uuid'],

  ...['aws_alb*', 'aws_api_gateway_*', 'aws_apigatewayv2_*', 'aws_appautoscaling_*', 'aws_autoscaling_*'],
  ...['aws_cloudfront_distribution', 'aws_cloudwatch_dashboard', 'aws_cloudwatch_event_*'],
  ...['aws_cloudwatch_metric_alarm', 'aws_db_option_group', 'aws_db_parameter_group', 'aws_db_subnet_group'],
  ...['aws_ecs_cluster', 'aws_ecs_service', 'aws_ecs_task_definition'],
  ...['aws_iam_instance_profile', 'aws_iam_policy', 'aws_iam_policy_attachment', 'aws_iam_role'],
  ...['aws_iam_role_policy', 'aws_iam_role_policy_attachment', 'aws_internet_gateway', 'aws_lambda_*'],
  ...['aws_launch_configuration', 'aws_launch_template', 'aws_lb*', 'aws_nat_gateway', 'aws_network_acl*'],
  ...['aws_rds_cluster_parameter_group', 'aws_route', 'aws_route53_health_check', 'aws_route53_record'],
  ...['aws_route_table*', 'aws_s3_bucket_acl', 'aws_s3_bucket_cors_configuration', 'aws_s3_bucket_policy'],
  ...['aws_s3_bucket_public_access_block', 'aws_security_group*', 'aws_sns_topic*', 'aws_subnet'],
  ...['aws_vpc_security_group_*', 'aws_wafv2_*'],

  ...['azurerm_application_gateway', 'azurerm_container_app', 'azurerm_lb*', 'azurerm_linux_web_app'],
  ...['azurerm_monitor_*', 'azurerm_network_*', 'azurerm_role_assignment', 'azurerm_service_plan'],
  ...['azurerm_subnet*'],

  ...['google_cloud_run_*', 'google_compute_backend_service', 'google_compute_firewall'],
  ...['google_compute_forwarding_rule', 'google_compute_instance_template', 'google_compute_route*'],
  ...['google_compute_subnetwork', 'google_compute_target_*', 'google_compute_url_map'],
  ...['google_dns_record_set', 'google_monitoring_*', 'google_project_iam_*', 'google_project_service'],

  ...['kubernetes_cluster_role*', 'kubernetes_config_map*', 'kubernetes_cron_job*', 'kubernetes_deployment*'],
  ...['kubernetes_horizontal_pod_autoscaler*', 'kubernetes_ingress*', 'kubernetes_network_policy*'],
  ...['kubernetes_pod_disruption_budget*', 'kubernetes_role*', 'kubernetes_service', 'kubernetes_service_v1'],
  ...['kubernetes_service_account*'],
];

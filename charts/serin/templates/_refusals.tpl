{{- /* Values that ask for what is not there: said all at once, with what to do instead. */ -}}
{{- define "serin.refuse" -}}
{{- $said := list -}}
{{- with .Values.controlplane -}}{{- with .kubeconfig -}}{{- if .secretName -}}
{{- $said = append $said "controlplane.kubeconfig.secretName: routing objects in another cluster are not supported yet; remove it" -}}
{{- end -}}{{- end -}}{{- end -}}
{{- with .Values.prometheus -}}{{- if .install -}}
{{- $said = append $said "prometheus.install: this chart brings no Prometheus; install one and set metricsServer to its address" -}}
{{- end -}}{{- end -}}
{{- if .Values.rbac.pspEnabled -}}
{{- $said = append $said "rbac.pspEnabled: Kubernetes has had no PodSecurityPolicy since 1.25; remove it" -}}
{{- end -}}
{{- if or .Values.msteams.url .Values.msteams.proxyUrl .Values.msteams.proxy -}}
{{- $said = append $said "msteams: alerts to Microsoft Teams are not supported yet; remove it, or use slack or eventWebhook" -}}
{{- end -}}
{{- if regexMatch "(^|/)flagger$" .Values.image.repository -}}
{{- $said = append $said (printf "image.repository: %s is no image of Serin; remove image from your values or name yours" .Values.image.repository) -}}
{{- end -}}
{{- if and .Values.rbac.providers .Values.meshProvider (not (has .Values.meshProvider .Values.rbac.providers)) -}}
{{- $said = append $said (printf "rbac.providers: add %s, which is the meshProvider" .Values.meshProvider) -}}
{{- end -}}
{{- if and (gt (int .Values.leaderElection.replicaCount) 1) (not .Values.leaderElection.enabled) -}}
{{- $said = append $said "leaderElection.replicaCount: several replicas need leaderElection.enabled=true" -}}
{{- end -}}
{{- if $said -}}
{{- fail (printf "\n\nThese values cannot be used:\n  - %s\n" (join "\n  - " $said)) -}}
{{- end -}}
{{- end -}}

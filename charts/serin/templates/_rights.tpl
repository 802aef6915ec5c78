{{- /* The rules of files/rbac.yaml that these values need. */ -}}
{{- define "serin.rules" -}}
{{- $file := .Files.Get "files/rbac.yaml" | fromYaml -}}
{{- $rules := $file.always -}}
{{- if .Values.configTracking.enabled -}}{{- $rules = concat $rules $file.configTracking -}}{{- end -}}
{{- if .Values.yieldToFlagger -}}{{- $rules = concat $rules $file.yieldToFlagger -}}{{- end -}}
{{- $providers := .Values.rbac.providers -}}
{{- range $provider, $routing := $file.routing -}}
{{- if or (not $providers) (has $provider $providers) -}}{{- $rules = concat $rules $routing -}}{{- end -}}
{{- end -}}
{{- concat $rules (default list .Values.rbac.extraRules) | toYaml -}}
{{- end -}}

{{- define "serin.subject" -}}
- kind: ServiceAccount
  name: {{ include "serin.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{- /* Credentials given as values, by the environment variable that carries them. */ -}}
{{- define "serin.credentials" -}}
{{- $all := dict
  "EVENT_WEBHOOK_URL" .Values.eventWebhook
  "SLACK_URL" .Values.slack.url
  "SLACK_TOKEN" .Values.slack.token
  "SLACK_PROXY_URL" (default .Values.slack.proxy .Values.slack.proxyUrl)
-}}
{{- range $name, $value := $all }}
{{- with $value }}
{{ $name }}: {{ . | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Where the container gets its credentials: from `env`, else from values by way of our Secret, else from the Secret that exists. */ -}}
{{- define "serin.environment" -}}
{{- $given := include "serin.credentials" . | fromYaml -}}
{{- $taken := list -}}
{{- range .Values.env }}{{- $taken = append $taken .name -}}{{- end -}}
{{- range $name := list "EVENT_WEBHOOK_URL" "SLACK_URL" "SLACK_TOKEN" "SLACK_PROXY_URL" "MSTEAMS_URL" "MSTEAMS_PROXY_URL" }}
{{- $ours := hasKey $given $name }}
{{- if and (not (has $name $taken)) (or $ours $.Values.existingSecret) }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ ternary (include "serin.fullname" $) $.Values.existingSecret $ours }}
      key: {{ $name }}
      optional: {{ not $ours }}
{{- end }}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

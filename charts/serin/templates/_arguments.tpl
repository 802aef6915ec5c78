{{- /* One flag, where its value says something. */ -}}
{{- define "serin.flag" -}}
{{- $value := index . 1 -}}
{{- if not (or (kindIs "invalid" $value) (eq (toString $value) "")) }}
- {{ printf "-%s=%v" (index . 0) $value | quote }}
{{- end -}}
{{- end -}}

{{- /* Flags of the controller. Credentials come by the environment: arguments of a process are visible to others. */ -}}
{{- define "serin.arguments" -}}
- controller
{{- include "serin.flag" (list "log-level" .Values.logLevel) }}
{{- include "serin.flag" (list "log-format" .Values.logFormat) }}
{{- include "serin.flag" (list "metrics-server" .Values.metricsServer) }}
{{- include "serin.flag" (list "mesh-provider" .Values.meshProvider) }}
{{- include "serin.flag" (list "namespace" .Values.namespace) }}
{{- include "serin.flag" (list "selector-labels" .Values.selectorLabels) }}
{{- include "serin.flag" (list "include-label-prefix" .Values.includeLabelPrefix) }}
{{- include "serin.flag" (list "enable-config-tracking" .Values.configTracking.enabled) }}
{{- include "serin.flag" (list "no-cross-namespace-refs" (ternary true "" .Values.noCrossNamespaceRefs)) }}
{{- include "serin.flag" (list "yield-to-flagger" (ternary "" "false" .Values.yieldToFlagger)) }}
{{- include "serin.flag" (list "ingress-annotations-prefix" .Values.ingressAnnotationsPrefix) }}
{{- include "serin.flag" (list "ingress-class" .Values.ingressClass) }}
{{- include "serin.flag" (list "threadiness" .Values.threadiness) }}
{{- include "serin.flag" (list "kubeconfig-qps" .Values.kubeconfigQPS) }}
{{- include "serin.flag" (list "kubeconfig-burst" .Values.kubeconfigBurst) }}
{{- include "serin.flag" (list "slack-user" .Values.slack.user) }}
{{- include "serin.flag" (list "slack-channel" .Values.slack.channel) }}
{{- include "serin.flag" (list "cluster-name" .Values.clusterName) }}
{{- if .Values.leaderElection.enabled }}
{{- include "serin.flag" (list "enable-leader-election" true) }}
{{- include "serin.flag" (list "leader-election-namespace" .Release.Namespace) }}
{{- end }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}

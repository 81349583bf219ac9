//! A small app of three manifests, on which the tests of several commands turn their screws.

/// Sends `/socket.io/` to the Service.
pub(crate) const INGRESS: &str = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: chat, annotations: {kubernetes.io/ingress.class: gce}}
spec:
  rules:
    - http:
        paths:
          - {path: /socket.io/, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}
";

/// Keeps clients on their pods, by a BackendConfig.
pub(crate) const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: chat
  annotations:
    cloud.google.com/neg: '{\"ingress\": true}'
    cloud.google.com/backend-config: '{\"default\": \"chat\"}'
spec:
  selector: {app: chat}
  ports: [{port: 80}]
";

//! What `sioway lint --fix` must not do on its own: put into force what nobody has seen in force, or break what others
//! build.

use crate::chat::INGRESS;
use crate::tools::Scratch;

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: chat
  annotations:
    cloud.google.com/neg: '{\"ingress\": true}'
spec:
  selector: {app: chat}
  ports: [{port: 80}]
";
const CONFIG: &str = "\
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {name: chat}
spec:
  timeoutSec: 86400
  sessionAffinity: {affinityType: CLIENT_IP}
";

/// The Service after a repair, and whether it names its BackendConfig.
fn attached(files: &[(&str, &str)], service: &str, flags: &[&str]) -> bool {
    let scratch = Scratch::new();
    for (name, text) in files {
        scratch.write(name, text);
    }
    scratch.run(&[&["lint", ".", "--fix"], flags].concat());
    scratch.read(service).contains("cloud.google.com/backend-config")
}

#[test]
fn a_backend_config_of_one_environment_is_not_named_in_all() {
    let base = [
        ("base/kustomization.yaml", "resources: [ingress.yaml, service.yaml]\n"),
        ("base/ingress.yaml", INGRESS),
        ("base/service.yaml", SERVICE),
        ("prod/kustomization.yaml", "resources: [../base, config.yaml]\n"),
        ("prod/config.yaml", CONFIG),
    ];
    assert!(attached(&base, "base/service.yaml", &[]), "prod is the only one");
    let staging = ("staging/kustomization.yaml", "resources: [../base]\n");
    let both = [&base[..], &[staging]].concat();
    assert!(!attached(&both, "base/service.yaml", &["--unsafe-fixes"]));
    let apart = [
        ("prod/config.yaml", CONFIG),
        ("staging/ingress.yaml", INGRESS),
        ("staging/service.yaml", SERVICE),
    ];
    assert!(!attached(&apart, "staging/service.yaml", &["--unsafe-fixes"]));
}

#[test]
fn what_nobody_has_seen_in_force_needs_the_flag() {
    let login =
        format!("{CONFIG}  iap: {{enabled: true, oauthclientCredentials: {{secretName: s}}}}\n");
    for (config, safe) in [(CONFIG, true), (&login, false)] {
        let files = [("ingress.yaml", INGRESS), ("service.yaml", SERVICE), ("config.yaml", config)];
        assert_eq!(attached(&files, "service.yaml", &[]), safe, "{config}");
        assert!(attached(&files, "service.yaml", &["--unsafe-fixes"]), "{config}");
    }
}

#[test]
fn a_version_that_a_patch_names_stays() {
    let scratch = Scratch::new();
    let old = CONFIG.replace("/v1\n", "/v1beta1\n");
    scratch.write("base/config.yaml", &old);
    scratch.write("base/kustomization.yaml", "resources: [config.yaml]\n");
    let patch = "resources: [../base]\npatches:\n  - target: {version: v1beta1, kind: BackendConfig}\n    patch: |-\n      - {op: replace, path: /spec/timeoutSec, value: 3600}\n";
    scratch.write("prod/kustomization.yaml", patch);
    scratch.run(&["lint", ".", "--fix", "--unsafe-fixes"]);
    assert_eq!(scratch.read("base/config.yaml"), old);
    scratch.write("prod/kustomization.yaml", "resources: [../base]\n");
    scratch.run(&["lint", ".", "--fix", "--unsafe-fixes"]);
    assert!(scratch.read("base/config.yaml").contains("cloud.google.com/v1\n"));
}

#[test]
fn a_cache_does_not_come_into_force_by_a_correction() {
    let cdn = format!("{CONFIG}  cdn: {{enabled: \"true\", cacheMode: CACHE_ALL_STATIC}}\n");
    let scratch = Scratch::new();
    scratch.write("config.yaml", &cdn);
    scratch.run(&["lint", ".", "--fix"]);
    assert_eq!(scratch.read("config.yaml"), cdn);
}

#[test]
fn a_port_of_another_container_is_not_taken() {
    let scratch = Scratch::new();
    scratch.write("ingress.yaml", INGRESS);
    let service = SERVICE.replace("[{port: 80}]", "[{port: 80, targetPort: http}]");
    scratch.write("service.yaml", &service);
    let pods = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: chat}\nspec:\n  template:\n    metadata: {labels: {app: chat}}\n    spec:\n      containers:\n        - {name: chat, image: chat}\n        - {name: exporter, image: exporter, ports: [{name: metrics, containerPort: 9121}]}\n";
    scratch.write("pods.yaml", pods);
    scratch.run(&["lint", ".", "--fix", "--unsafe-fixes"]);
    assert!(scratch.read("service.yaml").contains("targetPort: http"));
}

//! A release of the registry's own chart in a namespace of its own, and a pod with Helm beside it.

use serde_json::{Value, json};
use suite::process::Outcome;
use suite::workspace;

use crate::cluster::Cluster;
use crate::network::SETTLE;
use crate::observation::{self, Pod};
use crate::poll;
use crate::settings::{Case, Served};
use crate::stopwatch::timed;

/// Name of the release, which is also that of its Deployment and Service.
pub(crate) const REGISTRY: &str = "chart-registry";

/// Name of the pod with Helm.
const CLIENT: &str = "client";

/// The registry and its client; dropping it deletes what it made.
pub(crate) struct Registry<'a> {
    cluster: &'a Cluster,
    case: &'a Case,
    images: &'a Served,
    pub(crate) namespace: String,
}

impl<'a> Registry<'a> {
    /// A namespace for it, with nothing in it; none, and a word about it, where the images are not named.
    pub(crate) fn prepared(
        cluster: &'a Cluster,
        case: &'a Case,
        namespace: String,
    ) -> Option<Self> {
        let Some(images) = &cluster.settings.served else {
            println!("  not run: REGISTRY_IMAGE and HELM_IMAGE are not set");
            return None;
        };
        let registry = Self { cluster, case, images, namespace };
        let labels = json!({"pod-security.kubernetes.io/enforce": "restricted"});
        let metadata = json!({"name": registry.namespace, "labels": labels});
        cluster.apply(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}));
        Some(registry)
    }

    /// Installs the chart with further values, in the form of `--set`.
    pub(crate) fn install(&self, values: &str) {
        let (repository, tag) = self.images.registry.rsplit_once(':').expect("an image with a tag");
        let install = format!(
            "helm install {REGISTRY} {} --namespace {} --wait --timeout 2m \
             --set image.repository={repository},image.tag={tag},persistence.size=1Gi,{values}",
            workspace::path("registry/chart").display(),
            self.namespace
        );
        timed("install the registry", || self.shell(&install)).success();
    }

    /// A shell command of the registry's administrator.
    pub(crate) fn shell(&self, line: &str) -> Outcome {
        self.cluster.shell(&self.case.helm, &workspace::path("registry"), line)
    }

    /// A token, made as the notes of the chart say; the grant is `path=permission,permission`.
    pub(crate) fn token(&self, subject: &str, grant: &str) -> String {
        let line = format!(
            "kubectl exec --namespace {} deploy/{REGISTRY} -- chart-registry token create --data /data \
             --subject {subject} --grant {grant} --expires-in 1h",
            self.namespace
        );
        self.shell(&line).success().stdout.trim().to_owned()
    }

    /// The pods of the registry.
    pub(crate) fn pods(&self) -> Vec<Pod> {
        let workload = format!("{}/{REGISTRY}", self.namespace);
        let named = |key: &String| key.split('.').next() == Some(&workload);
        let pods = observation::pods(self.cluster, &self.namespace).into_iter();
        pods.filter(|(key, _)| named(key)).map(|(_, pod)| pod).collect()
    }

    /// Kills all of its pods as a node that fails does, and waits for as many new ones.
    pub(crate) fn killed(&self) {
        let before: Vec<String> = self.pods().into_iter().map(|pod| pod.uid).collect();
        let select = format!("app.kubernetes.io/name={REGISTRY}");
        let delete = ["delete", "pod", "--namespace", &self.namespace, "--selector", &select];
        self.cluster.kubectl(&[&delete[..], &["--force", "--grace-period=0"]].concat()).success();
        poll::until("as many other pods of the registry are ready", SETTLE, || {
            let found = self.pods();
            let new = |pod: &&Pod| pod.ready && !before.contains(&pod.uid);
            match found.iter().filter(new).count() {
                ready if ready == before.len() => Ok(()),
                ready => Err(format!("{ready} of {}", before.len())),
            }
        });
    }

    /// Starts the pod with Helm; `more` are further fields of its specification, `volumes` are mounted by their names.
    pub(crate) fn client(&self, more: &Value, volumes: &[Value]) {
        self.cluster.apply(&client_pod(&self.namespace, &self.images.helm, more, volumes));
        let ready = format!("wait pod/{CLIENT} --for=condition=Ready --timeout=60s");
        self.shell(&format!("kubectl --namespace {} {ready}", self.namespace)).success();
    }

    /// A shell command in the pod with Helm; it ends at its first fault.
    pub(crate) fn in_client(&self, line: &str) -> Outcome {
        let exec = ["exec", CLIENT, "--namespace", &self.namespace, "--", "sh", "-euc", line];
        self.cluster.kubectl(&exec)
    }
}

impl Drop for Registry<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            observation::print_state(self.cluster, std::slice::from_ref(&self.namespace));
        }
        let delete = ["delete", "namespace", &self.namespace, "--ignore-not-found"];
        let outcome = self.cluster.kubectl(&[&delete[..], &["--timeout=60s"]].concat());
        if outcome.code != 0 {
            println!("left over: {outcome}");
        }
    }
}

fn client_pod(namespace: &str, image: &str, more: &Value, volumes: &[Value]) -> Value {
    let home = json!({"name": "home", "emptyDir": {}});
    let of_volume = |volume: &Value| {
        let name = volume["name"].as_str().expect("a volume's name");
        json!({"name": name, "mountPath": format!("/{name}")})
    };
    let mut mounts = vec![json!({"name": "home", "mountPath": "/tmp"})];
    mounts.extend(std::iter::once(&home).chain(volumes).map(of_volume));
    let mut specification = json!({
        "securityContext": {
            "runAsNonRoot": true,
            "runAsUser": 1000,
            "fsGroup": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "terminationGracePeriodSeconds": 0,
        "containers": [{
            "name": CLIENT,
            "image": image,
            "command": ["sh", "-c", "exec tail -f /dev/null"],
            "env": [{"name": "HOME", "value": "/home"}],
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            },
            "volumeMounts": mounts,
        }],
        "volumes": std::iter::once(&home).chain(volumes).collect::<Vec<_>>(),
    });
    for (field, value) in more.as_object().expect("fields of a pod") {
        specification[field] = value.clone();
    }
    let metadata = json!({"name": CLIENT, "namespace": namespace});
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": specification})
}

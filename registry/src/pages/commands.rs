//! Commands to copy: how Helm, Flux and Argo CD come to a chart of this registry.

/// A text to copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    /// For whom it is.
    pub(crate) title: &'static str,
    /// What to know about it.
    pub(crate) note: &'static str,
    /// The text.
    pub(crate) text: String,
    /// Whether it is shown from the start.
    pub(crate) open: bool,
}

/// What commands are about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// URL of the repository.
    pub(crate) url: &'a str,
    /// Path of the repository.
    pub(crate) path: &'a str,
}

impl Place<'_> {
    /// What clients may call the repository.
    fn name(&self) -> &str {
        self.path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("charts")
    }

    /// The name as Kubernetes takes it: segments may have `.` and `_`.
    fn object_name(&self) -> String {
        self.name().replace(['_', '.'], "-")
    }

    /// The repository as OCI clients name it, and whether they have to be told that it has no TLS.
    fn oci(&self) -> (String, bool) {
        let (scheme, place) = self.url.split_once("://").unwrap_or(("https", self.url));
        (format!("oci://{place}"), scheme == "http")
    }
}

/// How to use a repository.
pub(crate) fn of_repository(place: Place<'_>) -> Vec<Command> {
    let Place { url, .. } = place;
    let (name, object) = (place.name(), place.object_name());
    let helm = format!("helm repo add {name} {url}\nhelm search repo {name}");
    let flux = format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata:\n  name: {object}\n  \
         namespace: flux-system\nspec:\n  interval: 10m\n  url: {url}"
    );
    let (oci, plain) = place.oci();
    let push = format!("helm push mychart-1.0.0.tgz {oci}{}", flag(plain));
    vec![
        command("Helm", helm, true),
        command("Helm, push by OCI", push, false),
        command("Flux", flux, false),
    ]
}

/// What Helm wants to be told of a registry without TLS.
fn flag(plain: bool) -> &'static str {
    if plain { " --plain-http" } else { "" }
}

/// How to use one version.
pub(crate) fn of_version(
    place: Place<'_>,
    (chart, version): (&str, &str),
    signed: bool,
) -> Vec<Command> {
    let (name, url) = (place.name(), place.url);
    let helm = format!(
        "helm repo add {name} {url}\nhelm install {chart} {name}/{chart} --version {version}"
    );
    let pull = format!("helm pull {chart} --repo {url} --version {version}");
    let mut commands = vec![command("Helm", helm, true), command("Helm, pull only", pull, false)];
    if signed {
        let text = format!("helm pull {chart} --repo {url} --version {version} --verify");
        let note = "Checks the provenance file with the keys of your keyring.";
        commands.push(Command { note, ..command("Helm, verified", text, false) });
    }
    let (oci, plain) = place.oci();
    let flag = flag(plain);
    let text = format!(
        "helm install {chart} {oci}/{chart} --version {version}{flag}\n\
         helm pull {oci}/{chart} --version {version}{flag}"
    );
    commands.push(command("Helm, by OCI", text, false));
    let classic = format!("interval: 10m\n  url: {url}");
    commands.push(command("Flux", flux(place, (chart, version), &classic), false));
    let insecure = if plain { "\n  insecure: true" } else { "" };
    let by_oci = format!("type: oci\n  url: {oci}{insecure}");
    commands.push(command("Flux, by OCI", flux(place, (chart, version), &by_oci), false));
    commands.push(command("Argo CD", argo(place, (chart, version)), false));
    commands
}

/// `source` is what stands in the specification of the repository.
fn flux(place: Place<'_>, (chart, version): (&str, &str), source: &str) -> String {
    let object = place.object_name();
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: {object}
  namespace: flux-system
spec:
  {source}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: {chart}
  namespace: flux-system
spec:
  interval: 10m
  targetNamespace: {chart}
  install:
    createNamespace: true
  chart:
    spec:
      chart: {chart}
      version: \"{version}\"
      sourceRef:
        kind: HelmRepository
        name: {object}"
    )
}

fn argo(place: Place<'_>, (chart, version): (&str, &str)) -> String {
    let url = place.url;
    format!(
        "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {chart}
  namespace: argocd
spec:
  project: default
  source:
    repoURL: {url}
    chart: {chart}
    targetRevision: \"{version}\"
  destination:
    server: https://kubernetes.default.svc
    namespace: {chart}
  syncPolicy:
    syncOptions:
      - CreateNamespace=true"
    )
}

fn command(title: &'static str, text: String, open: bool) -> Command {
    Command { title, note: "", text, open }
}

#[cfg(test)]
mod tests {
    use chart_format::yaml;

    use super::*;

    #[test]
    fn manifests_are_yaml_that_names_the_repository() {
        let place = Place { url: "https://a.example/x/team/my.net", path: "team/my.net" };
        let (_, host) = place.url.split_once("//").unwrap();
        for at in of_version(place, ("org", "1.0.0+b"), true) {
            assert!(at.text.contains(host), "{}", at.text);
            assert!(at.text.contains("1.0.0+b"), "{}", at.text);
        }
        let all =
            of_version(place, ("org", "1.0.0"), false).into_iter().chain(of_repository(place));
        let manifests: Vec<String> =
            all.filter(|it| it.text.starts_with("apiVersion: ")).map(|it| it.text).collect();
        assert_eq!(manifests.len(), 4);
        for text in manifests.iter().flat_map(|text| text.split("---\n")) {
            let document = yaml::read(text, yaml::Limits::VALUES).unwrap();
            assert!(document["kind"].is_string(), "{text}");
        }
        assert!(manifests[0].contains("name: my-net\n"));
    }

    #[test]
    fn oci_clients_get_the_same_place_and_a_word_for_a_registry_without_tls() {
        let text = |url: &str, title: &str| {
            let place = Place { url, path: "x" };
            let commands = of_version(place, ("org", "1.0.0"), false);
            commands.into_iter().find(|it| it.title == title).unwrap().text
        };
        let first = |text: String| text.lines().next().unwrap_or_default().to_owned();
        assert_eq!(
            first(text("https://a.example/helm/x", "Helm, by OCI")),
            "helm install org oci://a.example/helm/x/org --version 1.0.0"
        );
        assert_eq!(
            first(text("http://a:8080/x", "Helm, by OCI")),
            "helm install org oci://a:8080/x/org --version 1.0.0 --plain-http"
        );
        assert!(
            text("http://a:8080/x", "Flux, by OCI")
                .contains("url: oci://a:8080/x\n  insecure: true\n")
        );
    }

    #[test]
    fn the_root_has_a_name_of_its_own() {
        let commands = of_repository(Place { url: "http://a", path: "" });
        assert!(commands[0].text.starts_with("helm repo add charts http://a\n"));
    }
}

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
    vec![command("Helm", helm, true), command("Flux", flux, false)]
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
    commands.push(command("Flux", flux(place, (chart, version)), false));
    commands.push(command("Argo CD", argo(place, (chart, version)), false));
    commands
}

fn flux(place: Place<'_>, (chart, version): (&str, &str)) -> String {
    let (object, url) = (place.object_name(), place.url);
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: {object}
  namespace: flux-system
spec:
  interval: 10m
  url: {url}
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
        for at in of_version(place, ("org", "1.0.0+b"), true) {
            assert!(at.text.contains(place.url), "{}", at.text);
            assert!(at.text.contains("1.0.0+b"), "{}", at.text);
        }
        let texts = [of_repository(place)[1].text.clone(), argo(place, ("org", "1.0.0"))];
        let flux = flux(place, ("org", "1.0.0"));
        for text in flux.split("---\n").chain(texts.iter().map(String::as_str)) {
            let document = yaml::read(text, yaml::Limits::VALUES).unwrap();
            assert!(document["kind"].is_string(), "{text}");
        }
        assert!(flux.contains("name: my-net\n"));
    }

    #[test]
    fn the_root_has_a_name_of_its_own() {
        let commands = of_repository(Place { url: "http://a", path: "" });
        assert!(commands[0].text.starts_with("helm repo add charts http://a\n"));
    }
}

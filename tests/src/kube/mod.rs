//! An API server small enough to read: it remembers objects, and that is all that `helm install` and `upgrade` need.
//!
//! It knows no schema, no admission, no controllers and no watches: run Helm with `--no-hooks` and without `--wait`. What
//! depends on a real cluster is checked by the cluster suite.

mod discovery;
mod http;
mod objects;
mod protobuf;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use self::http::{Answer, Request};
use self::objects::Objects;

/// A running API server on loopback; it ends with the process.
pub struct ApiServer {
    address: SocketAddr,
    objects: Arc<Mutex<Objects>>,
}

impl ApiServer {
    /// Starts one without objects.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("the address of a listener");
        let objects = Arc::new(Mutex::new(Objects::default()));
        let shared = Arc::clone(&objects);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || http::converse(connection, |it| answer(it, &shared)));
            }
        });
        Self { address, objects }
    }

    /// Writes a kubeconfig for this server.
    pub fn write_kubeconfig(&self, file: &Path) {
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: fake\n\
             clusters: [{{name: fake, cluster: {{server: \"http://{}\"}}}}]\n\
             users: [{{name: fake, user: {{}}}}]\n\
             contexts: [{{name: fake, context: {{cluster: fake, user: fake}}}}]\n",
            self.address
        );
        std::fs::write(file, text).expect("a kubeconfig");
    }

    /// Every object of a kind, sorted by its path.
    pub fn objects(&self, kind: &str) -> Vec<Value> {
        self.objects.lock().expect("no panic while it was locked").of_kind(kind)
    }
}

fn answer(request: &Request, objects: &Mutex<Objects>) -> Answer {
    if let Some(document) = discovery::document(&request.path) {
        return Answer::ok(&document);
    }
    if request.path.starts_with("/openapi/v2") {
        // An empty document knows no kind, so nothing is checked against it.
        return Answer::empty("application/octet-stream");
    }
    if !discovery::is_object_path(&request.path) {
        return Answer::failure(404, "NotFound", &format!("no such path: {}", request.path));
    }
    objects.lock().expect("no panic while it was locked").answer(request)
}

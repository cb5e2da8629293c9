//! The registry's web pages in a real browser: axe finds nothing, in light and dark, and no page scrolls sideways on a phone.
//!
//! Chromium shows each page in a frame of one document, with the page's own style, and axe judges it there. What the
//! pages say, and their headers, are `registry/tests/http/pages.rs`.

use std::fs;

use serde_json::{Value, json};
use suite::oracles::Oracle;
use suite::process::run;

use crate::network::Network;
use crate::server::Server;

/// Pages that there are, below the address.
const PAGES: &[&str] = &[
    "/",
    "/-/ui?q=orderer",
    "/-/ui?q=nothing-like-that",
    "/-/ui/nobody/here",
    "/-/ui/charts/absent",
    "/-/ui/charts/article",
    "/-/ui/charts/article/1.0.0/values",
    "/-/ui/charts/article/1.0.0/files",
    "/-/ui/charts/article/1.0.0/files?path=README.md",
    "/-/ui/charts/article/1.0.0/versions",
    "/-/ui/charts/article/1.0.0/changes",
    "/-/ui/charts/article/1.0.0/network",
];

/// Shows `pages`, one after the other, on a phone and on a desk, in light and dark, and leaves what is wrong as JSON.
const LOOK: &str = r#"<!DOCTYPE html><html lang="en"><title>look</title><body><pre id="faults">unfinished</pre><script>
const show = (page, width, scheme) => new Promise(done => {
  const frame = document.createElement("iframe");
  frame.style = `width: ${width}px; height: 800px; border: 0; color-scheme: ${scheme}`;
  frame.onload = async () => {
    const inside = frame.contentWindow;
    inside.eval(axe);
    const found = await inside.axe.run(inside.document);
    const root = inside.document.documentElement;
    const faults = found.violations.map(it => `${it.id}: ${it.nodes.map(node => node.html).join(" ")}`);
    const wide = root.scrollWidth - root.clientWidth;
    if (wide > 0) faults.push(`${wide} pixels too wide`);
    const dark = inside.matchMedia("(prefers-color-scheme: dark)").matches;
    if (dark !== (scheme === "dark")) faults.push(`it is not shown ${scheme}`);
    frame.remove();
    done({ page: page.path, width, scheme, passes: found.passes.length, faults });
  };
  frame.srcdoc = page.html;
  document.body.append(frame);
});
const base64 = text => btoa(Array.from(new TextEncoder().encode(text), byte => String.fromCharCode(byte)).join(""));
(async () => {
  const seen = [];
  for (const page of pages)
    for (const [width, scheme] of [[320, "light"], [1280, "light"], [1280, "dark"]])
      seen.push(await show(page, width, scheme));
  document.getElementById("faults").textContent = "SEEN" + base64(JSON.stringify(seen)) + "END";
})();
</script></body></html>"#;

/// A registry with a network in two versions.
fn registry() -> (Network, Server) {
    let network = Network::article();
    let curl = Oracle::system("curl").expect("curl, which was there before");
    let storage = network.path().join("storage");
    fs::create_dir(&storage).expect("a directory");
    let server = Server::registry(&storage);
    let package = format!("@{}", network.package("dist").display());
    let url = format!("{}/api/charts", server.url());
    let arguments = ["--silent", "--show-error", "--fail", "--data-binary", &package, &url];
    run(curl.command(network.path()).args(arguments)).success();
    (network, server)
}

/// A page as the browser gets it, with its style inside.
fn page(server: &Server, network: &Network, path: &str) -> Value {
    let curl = Oracle::system("curl").expect("curl, which was there before");
    let get = |path: &str| {
        let url = format!("{}{path}", server.url());
        run(curl.command(network.path()).args(["--silent", "--header", "Accept: text/html", &url]))
            .success()
            .stdout
    };
    let html = get(path);
    let link = "<link rel=\"stylesheet\" href=\"";
    let (before, after) = html.split_once(link).unwrap_or_else(|| panic!("{path}: {html}"));
    let (style, after) = after.split_once("\">").expect("the end of a link");
    json!({ "path": path, "html": format!("{before}<style>{}</style>{after}", get(style)) })
}

#[test]
fn every_page_is_usable_by_everybody_in_light_and_dark_and_on_a_phone() {
    let Some(browser) = Oracle::elsewhere("chromium") else { return };
    let (Some(axe), Some(_)) = (Oracle::axe(), Oracle::system("curl")) else { return };
    let (network, server) = registry();
    let pages: Vec<Value> = PAGES.iter().map(|path| page(&server, &network, path)).collect();
    // Nothing of a page ends the script that holds it.
    let script = |value: &Value| value.to_string().replace('<', "\\u003c");
    let axe = fs::read_to_string(axe.path()).expect("axe");
    let data =
        format!("<script>const axe = {}, pages = {};", script(&json!(axe)), script(&json!(pages)));
    let file = network.path().join("look.html");
    fs::write(&file, LOOK.replacen("<script>", &data, 1)).expect("a file");
    let mut look = browser.command(network.path());
    look.args(["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=600000"]);
    let dom = run(look.arg("--dump-dom").arg(format!("file://{}", file.display()))).success();
    let seen = seen(&dom.stdout);
    assert_eq!(seen.len(), PAGES.len() * 3, "{seen:?}");
    let wrong = |it: &&Value| it["faults"] != json!([]) || it["passes"].as_u64() < Some(10);
    let faulty: Vec<String> = seen.iter().filter(wrong).map(Value::to_string).collect();
    assert!(faulty.is_empty(), "{}", faulty.join("\n"));
}

/// What the script left in the document.
fn seen(dom: &str) -> Vec<Value> {
    use base64::Engine as _;
    let found = dom.split_once("SEEN").and_then(|(_, rest)| rest.split_once("END"));
    let (encoded, _) = found.unwrap_or_else(|| panic!("the browser did not come to an end: {dom}"));
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).expect("Base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

//! README files as HTML that is safe by construction.
//!
//! Only what the Markdown reader itself understands becomes markup: raw HTML becomes text, links keep
//! the schemes that are listed here, pictures become links, because pages load nothing from elsewhere.
//! Headings move down one level, below the page's own, and their anchors get a prefix, so that none
//! of them is an anchor of the page.

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html,
};

/// Schemes that links may have.
const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

/// What the anchors of a README begin with.
const ANCHOR: &str = "readme-";

/// Markup that was made here of escaped text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Html(String);

impl Html {
    /// The markup.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A Markdown text as HTML.
pub(crate) fn render(text: &str) -> Html {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut headings = headings(text, options).into_iter();
    let mut writer = Writer::default();
    let events = Parser::new_ext(text, options).map(|event| writer.event(event, &mut headings));
    let mut markup = String::new();
    html::push_html(&mut markup, events);
    Html(markup)
}

/// Anchors of the headings, in order.
fn headings(text: &str, options: Options) -> Vec<String> {
    let (mut anchors, mut open): (Vec<String>, Option<String>) = (Vec::new(), None);
    for event in Parser::new_ext(text, options) {
        match (event, &mut open) {
            (Event::Start(Tag::Heading { .. }), _) => open = Some(String::new()),
            (Event::End(TagEnd::Heading(_)), _) => {
                anchors.push(anchor(&open.take().unwrap_or_default()));
            }
            (Event::Text(text) | Event::Code(text), Some(open)) => open.push_str(&text),
            _ => {}
        }
    }
    anchors
}

/// A heading's text as other programs make an anchor of it.
fn anchor(text: &str) -> String {
    let kept = text.trim().chars().filter_map(|c| match c {
        ' ' | '-' => Some('-'),
        '_' => Some('_'),
        c if c.is_alphanumeric() => Some(c),
        _ => None,
    });
    kept.collect::<String>().to_lowercase()
}

#[derive(Default)]
struct Writer {
    /// Whether each open link is written.
    links: Vec<bool>,
    /// How many tables have begun.
    tables: usize,
}

impl Writer {
    fn event<'a>(
        &mut self,
        event: Event<'a>,
        anchors: &mut impl Iterator<Item = String>,
    ) -> Event<'a> {
        match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Start(tag) => self.start(tag, anchors),
            Event::End(end) => self.end(end),
            Event::Text(_)
            | Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Rule
            | Event::TaskListMarker(_) => event,
        }
    }

    fn start<'a>(&mut self, tag: Tag<'a>, anchors: &mut impl Iterator<Item = String>) -> Event<'a> {
        match tag {
            Tag::Link { dest_url, .. } => self.open_link(&dest_url, ""),
            Tag::Image { dest_url, .. } => self.open_link(&dest_url, "picture: "),
            Tag::Heading { level, .. } => {
                let anchor = escaped(&anchors.next().unwrap_or_default());
                markup(format!("<{} id=\"{ANCHOR}{anchor}\">", lowered(level)))
            }
            Tag::CodeBlock(CodeBlockKind::Indented | CodeBlockKind::Fenced(_)) => {
                markup("<pre tabindex=\"0\"><code>".to_owned())
            }
            // Alignment would be written as a style, which pages do not allow; and a table that is too
            // wide for its place moves within it, so that no word of it is broken.
            Tag::Table(_) => {
                self.tables += 1;
                let name = format!("aria-label=\"Table {}\"", self.tables);
                markup(format!(
                    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" {name}><table>"
                ))
            }
            // Its lines are text: the element around them says nothing.
            Tag::HtmlBlock => Event::Start(Tag::Paragraph),
            other => Event::Start(other),
        }
    }

    fn end<'a>(&mut self, end: TagEnd) -> Event<'a> {
        match end {
            TagEnd::Link | TagEnd::Image => {
                let written = self.links.pop().unwrap_or(false);
                markup(if written { "</a>".to_owned() } else { String::new() })
            }
            TagEnd::Heading(level) => markup(format!("</{}>\n", lowered(level))),
            TagEnd::Table => markup("</tbody></table></div>\n".to_owned()),
            TagEnd::CodeBlock => markup("</code></pre>\n".to_owned()),
            TagEnd::HtmlBlock => Event::End(TagEnd::Paragraph),
            other => Event::End(other),
        }
    }

    fn open_link<'a>(&mut self, target: &str, prefix: &str) -> Event<'a> {
        let href = match target.strip_prefix('#') {
            Some(anchor) => Some(format!("#{ANCHOR}{anchor}")),
            None => Some(target.to_owned()).filter(|target| is_allowed(target)),
        };
        // A link within a link is no HTML: a picture in a link is named by the link.
        let href = href.filter(|_| !self.links.contains(&true));
        self.links.push(href.is_some());
        let Some(href) = href else { return markup(prefix.to_owned()) };
        let href = escaped(&href);
        markup(format!("<a href=\"{href}\" rel=\"nofollow noopener noreferrer\">{prefix}"))
    }
}

/// Whether a link may lead there.
pub(crate) fn is_allowed(target: &str) -> bool {
    let clean = !target.chars().any(|c| c.is_control() || c.is_whitespace());
    let begins = |scheme: &&str| {
        target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    clean && SCHEMES.iter().any(begins)
}

fn markup<'a>(text: String) -> Event<'a> {
    Event::InlineHtml(CowStr::from(text))
}

fn lowered(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 => "h3",
        HeadingLevel::H2 => "h4",
        HeadingLevel::H3 => "h5",
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => "h6",
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn html(text: &str) -> String {
        render(text).0
    }

    #[test]
    fn raw_html_becomes_text() {
        for text in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "a <b onclick=\"x\">b</b> <!-- c --> <?d?> <![CDATA[e]]>",
            "<div>\n\n*a*\n\n</div>",
            "```html\n<script>\n```",
            "| <i>a</i> |\n|---|\n| <script> |",
        ] {
            let html = html(text);
            for tag in ["<script", "<img", "<b ", "<div>", "<!--", "<?", "<![", "<i>"] {
                assert!(!html.contains(tag), "{text}: {html}");
            }
        }
        assert!(html("<script>").contains("&lt;script&gt;"));
    }

    #[test]
    fn links_keep_only_harmless_schemes() {
        for target in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java&#9;script:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//evil.example",
            "file:///etc/passwd",
            "<java script:alert(1)>",
        ] {
            for text in [format!("[a]({target})"), format!("![a]({target})")] {
                assert!(!html(&text).contains("href"), "{text}: {}", html(&text));
            }
        }
        assert!(!html("<javascript:alert(1)>").contains("href"));
        assert!(
            html("[a](https://b.example/?c=\"d)").contains("href=\"https://b.example/?c=&quot;d\"")
        );
        assert!(html("<mailto:a@b.example>").contains("href=\"mailto:"));
        assert!(
            html("[![a](https://b.example/c.svg)](https://d.example)").matches("<a ").count() == 1
        );
        assert!(!html("![a](https://b.example/c.svg)").contains("<img"));
    }

    #[test]
    fn headings_stand_below_the_page_and_their_anchors_apart() {
        let html = html("# The `main` chart\n\n[up](#the-main-chart)\n\nmain\n====\n");
        assert!(html.contains("<h3 id=\"readme-the-main-chart\">The <code>main</code> chart</h3>"));
        assert!(html.contains("href=\"#readme-the-main-chart\""));
        assert!(html.contains("<h3 id=\"readme-main\">"));
    }

    #[test]
    fn tables_carry_no_style() {
        let html = html("| a | b |\n|:-:|--:|\n| c | d |\n\ntext\n\n| e |\n|---|\n");
        assert!(html.contains("<table>") && !html.contains("style"), "{html}");
        assert!(html.contains("\"Table 1\"") && html.contains("\"Table 2\""), "{html}");
        for element in ["div", "table", "thead", "tbody", "tr", "th", "td"] {
            let count = |tag: String| html.matches(&tag).count();
            let opened = count(format!("<{element}>")) + count(format!("<{element} "));
            assert_eq!(opened, count(format!("</{element}>")), "{element}: {html}");
        }
    }

    proptest! {
        /// Whatever somebody writes, only elements that are listed here come out, without handlers.
        #[test]
        fn no_text_makes_other_elements(pieces in prop::collection::vec(prop::sample::select(vec![
            "<", ">", "\"", "'", "[", "]", "(", ")", "!", "#", "`", "\n", "\n\n", " ", "|", "-", "*",
            "script", "javascript:", "https://a", "onload=", "&lt;", "&#60;", "&", "a", "    ", "```",
            "<a href=", "<!--", "-->", "\t", "\u{0}", "~~", "=", "\\",
        ]), 0..40)) {
            const KNOWN: [&str; 24] = [
                "p", "a", "h3", "h4", "h5", "h6", "pre", "code", "em", "strong", "del", "ul", "ol",
                "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "hr", "br",
                "div",
            ];
            let html = html(&pieces.concat());
            for rest in html.split('<').skip(1) {
                let tag = rest.split('>').next().unwrap_or_default();
                let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
                prop_assert!(KNOWN.contains(&name), "{}: {}", pieces.concat(), html);
                let attributes = tag.split_once(' ').map_or("", |(_, attributes)| attributes);
                let fine = ["", "/", "tabindex=\"0\""].contains(&attributes)
                    || attributes.starts_with("href=\"https://")
                    || attributes.starts_with("href=\"mailto:")
                    || attributes.starts_with("href=\"#readme-")
                    || attributes.starts_with("id=\"readme-")
                    || attributes.starts_with("start=\"")
                    || attributes.starts_with("class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table ");
                prop_assert!(fine, "{}: {}", pieces.concat(), html);
            }
        }
    }
}

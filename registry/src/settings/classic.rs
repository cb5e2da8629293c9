//! Settings of the classic interface that `ChartMuseum` has, too.

use super::fault::Wrong;
use super::table::{Row, one};
use super::value::Form;
use crate::allowed_origin::AllowedOrigin;
use crate::form_fields;

/// Name of the form's field with a package.
pub(super) const CHART_FIELD: Row = Row {
    name: "form-fields.chart",
    flag: "form-field-chart",
    form: Form::One("NAME"),
    secret: false,
    doc: "Another name for the field of a form that brings a package; `chart` is one in any case.",
    take: |settings, given| {
        settings.form_fields.chart = field_name(one(given))?;
        Ok(())
    },
    show: |settings| vec![settings.form_fields.chart.clone()],
};

/// Name of the form's field with a provenance file.
pub(super) const PROV_FIELD: Row = Row {
    name: "form-fields.prov",
    flag: "form-field-prov",
    form: Form::One("NAME"),
    secret: false,
    doc: "Another name for the field that brings a provenance file; `prov` is one in any case.",
    take: |settings, given| {
        settings.form_fields.prov = field_name(one(given))?;
        Ok(())
    },
    show: |settings| vec![settings.form_fields.prov.clone()],
};

/// The origin whose pages may read.
pub(super) const ALLOW_ORIGIN: Row = Row {
    name: "cors.allow-origin",
    flag: "cors-allow-origin",
    form: Form::One("ORIGIN"),
    secret: false,
    doc: "Origin whose pages may read in a browser what `GET` below `/api/` answers to everybody, like `https://console.example.com`; `*` for every origin. Pages of other sites never change anything, and nothing is read with credentials that the browser has stored.",
    take: |settings, given| {
        settings.allowed_origin = Some(origin(one(given))?);
        Ok(())
    },
    show: |settings| settings.allowed_origin.iter().map(ToString::to_string).collect(),
};

fn origin(text: &str) -> Result<AllowedOrigin, Wrong> {
    let fix = "write `*`, or one like `https://console.example.com`: in lower case, without a path, \
               and without the usual port";
    text.parse().map_err(|error: String| Wrong::new(error, fix))
}

fn field_name(text: &str) -> Result<String, Wrong> {
    if form_fields::is_name(text) {
        return Ok(text.to_owned());
    }
    let what = format!("`{}` cannot name a field of a form", text.escape_debug());
    Err(Wrong::new(what, "write letters, digits and any of `-_.`"))
}

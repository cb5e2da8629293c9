//! Settings of the classic interface that `ChartMuseum` has, too.

use super::fault::Wrong;
use super::table::{Row, one};
use super::value::Form;
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

fn field_name(text: &str) -> Result<String, Wrong> {
    if form_fields::is_name(text) {
        return Ok(text.to_owned());
    }
    let what = format!("`{}` cannot name a field of a form", text.escape_debug());
    Err(Wrong::new(what, "write letters, digits and any of `-_.`"))
}

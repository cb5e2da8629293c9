//! Building is a function of what a topology says, not of how it is written or where.

use super::assert_none;
use super::samples::SAMPLES;

#[test]
fn the_order_of_keys_and_the_place_change_no_byte() {
    let mut faults = Vec::new();
    for sample in SAMPLES.iter() {
        if sample.first.packages != sample.shuffled.packages {
            faults.push(format!("{}: the packages differ", sample.row.name));
        }
        if sample.first.public != sample.shuffled.public {
            faults.push(format!("{}: the public files differ", sample.row.name));
        }
        if sample.first.lock != sample.shuffled.lock {
            faults.push(format!("{}: the locks differ", sample.row.name));
        }
    }
    assert_none("two builds of one network give the same bytes", &faults);
}

#[test]
fn a_successor_keeps_every_block_and_certificate() {
    let mut faults = Vec::new();
    for sample in SAMPLES.iter() {
        for (path, bytes) in &sample.first.public {
            if sample.second.public.get(path) != Some(bytes) {
                faults.push(format!("{}: {path} changed", sample.row.name));
            }
        }
    }
    assert_none("what was public stays as it was", &faults);
}

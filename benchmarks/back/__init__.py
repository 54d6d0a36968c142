"""The line of the back: rendering people with known spines, fitting the measure, telling its error."""

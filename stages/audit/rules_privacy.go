package audit

import (
	"fmt"
	"strings"

	"vertebra/stages/internal/headers"
)

// Rules on what may tell who a patient is (DICOM PS3.15, annex E).
func init() {
	addRule(Rule{ID: "burned_in", Title: "annotation burnt into the pixels", Reason: "BurnedInAnnotation is YES: pictures in reports may show names", Severity: warning, Do: keep, Unit: "images",
		find: func(v *view) []hit {
			return v.eachImage(func(_ string, h *headers.Header) (string, bool) { return "", h.BurnedIn })
		}})
	addRule(Rule{ID: "identifying_tags", Title: "elements that may identify a patient", Reason: "they are not empty; nothing of them enters results or reports", Severity: warning, Do: keep, Unit: "images",
		find: func(v *view) []hit {
			return v.eachImage(func(path string, h *headers.Header) (string, bool) {
				if len(h.Identifying) == 0 {
					return "", false
				}
				return fmt.Sprintf("%s has %s", v.short(path), strings.Join(h.Identifying, ", ")), true
			})
		}})
	addRule(Rule{ID: "private_tags", Title: "private elements", Reason: "what they hold is known to their makers only, and may identify a patient", Severity: info, Do: keep, Unit: "images",
		find: func(v *view) []hit {
			return v.eachImage(func(path string, h *headers.Header) (string, bool) {
				if h.Private <= 0 {
					return "", false
				}
				return fmt.Sprintf("%s has %d", v.short(path), h.Private), true
			})
		}})
}

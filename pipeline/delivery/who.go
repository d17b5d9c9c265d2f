package delivery

import (
	"os"
	"os/user"
	"strings"
)

// Who is whoever runs the program, as the machine knows them: a name that is given can be
// anybody's.
type Who struct {
	User string `json:"user"` // of the operating system
	Host string `json:"host"`
	// CI is the job and the person that a build system says it runs for; empty elsewhere.
	CI string `json:"ci,omitempty"`
}

// Identify asks the operating system, and the environment for a build system's own account
// of itself.
func Identify(env func(string) (string, bool)) Who {
	w := Who{User: "unknown", Host: "unknown"}
	if u, err := user.Current(); err == nil {
		w.User = u.Username
	}
	if by, ok := env("SUDO_USER"); ok && by != "" {
		w.User += " for " + by
	}
	if host, err := os.Hostname(); err == nil {
		w.Host = host
	}
	w.CI = buildSystem(env)
	return w
}

// buildSystem names the job, and who started it where the system says so.
func buildSystem(env func(string) (string, bool)) string {
	get := func(name string) string { v, _ := env(name); return v }
	switch {
	case get("GITHUB_ACTIONS") == "true":
		return strings.TrimSpace(get("GITHUB_SERVER_URL") + "/" + get("GITHUB_REPOSITORY") + "/actions/runs/" + get("GITHUB_RUN_ID") + " " + get("GITHUB_ACTOR"))
	case get("GITLAB_CI") == "true":
		return strings.TrimSpace(get("CI_JOB_URL") + " " + get("GITLAB_USER_LOGIN"))
	case get("TF_BUILD") == "True":
		return strings.TrimSpace(get("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI") + get("SYSTEM_TEAMPROJECT") + " build " + get("BUILD_BUILDID") + " " + get("BUILD_REQUESTEDFOR"))
	case get("JENKINS_URL") != "":
		return strings.TrimSpace(get("BUILD_URL") + " " + get("BUILD_USER_ID"))
	case get("CI") == "true":
		return "unnamed build system"
	}
	return ""
}

// String is for people.
func (w Who) String() string {
	s := w.User + "@" + w.Host
	if w.CI != "" {
		s += " (" + w.CI + ")"
	}
	return s
}

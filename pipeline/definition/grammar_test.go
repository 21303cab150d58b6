package definition_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline/definition"
)

// words are the keys of the whole grammar by place: our own and CodePipeline's.
func words() map[string]string {
	return map[string]string{
		"pipeline": "name triggers executionMode cancelInProgress stages variables environments supersedeAtGate runIf skipIf schedule " +
			"roleArn artifactStore artifactStores version pipelineType metadata pipeline tags",
		"triggers":           "push pullRequest schedule mergeGroup tags providerType gitConfiguration",
		"push":               "branches filePaths tags events",
		"pullRequest":        "branches filePaths events labels drafts",
		"mergeGroup":         "branches",
		"schedule":           "cron timeZone branch",
		"trigger":            "providerType gitConfiguration",
		"gitConfiguration":   "sourceActionName push pullRequest",
		"variable":           "name default defaultValue description",
		"conditions":         "conditions result rules",
		"condition":          "result rules",
		"onFailure":          "result retryConfiguration conditions rules",
		"retryConfiguration": "retryMode",
		"rule":               "name ruleTypeId provider configuration commands inputArtifacts roleArn region timeoutInMinutes timeout",
		"ruleTypeId":         "category owner provider version",
		"blocker":            "name type",
		"artifactStore":      "type location encryptionKey",
		"encryptionKey":      "id type",
		"filter":             "includes excludes",
		"stage":              "name actions environment beforeEntry onSuccess onFailure blockers runIf skipIf",
		"actionTypeId":       "category owner provider version",
		"action": "name provider actionTypeId runOrder configuration commands outputVariables environmentVariables inputArtifacts outputArtifacts " +
			"namespace region roleArn timeout timeoutInMinutes checkout approval secrets connection runIf skipIf environment",
		"environmentVariable": "name value type",
		"input":               "name",
		"output":              "name files",
		"checkout":            "depth submodules lfs tags",
		"approval":            "timeout required allOf from preventSelfApproval remindAfter escalate override message slack",
		"requirement":         "required from when",
		"who":                 "team user permission codeowners",
		"when":                "branches paths labels",
		"escalate":            "after to",
		"freeze":              "reason cron for from to timeZone pipelines",
		"manual":              "CustomData ExternalEntityLink NotificationArn",
		"environment":         "branches tags pullRequests approval freezes flag url supersedeAtGate",
	}
}

// holders write a file with one more key in the place.
func holders() map[string]string {
	const action = "stages: [{name: Build, actions: [{name: test, provider: Commands, commands: [make], %s}]}]"
	return map[string]string{
		"pipeline":            "%s\n",
		"triggers":            "triggers: {%s}\n",
		"push":                "triggers: {push: {%s}}\n",
		"pullRequest":         "triggers: {pullRequest: {%s}}\n",
		"filter":              "triggers: {push: {branches: {%s}}}\n",
		"stage":               "stages: [{%s}]\n",
		"action":              "stages: [{actions: [{%s}]}]\n",
		"actionTypeId":        "stages: [{actions: [{actionTypeId: {%s}}]}]\n",
		"environmentVariable": fmt.Sprintf(action, "environmentVariables: [{%s}]"),
		"mergeGroup":          "triggers: {mergeGroup: {%s}}\n",
		"schedule":            "triggers: {schedule: {%s}}\n",
		"trigger":             "triggers: [{%s}]\n",
		"gitConfiguration":    "triggers: [{gitConfiguration: {%s}}]\n",
		"variable":            "variables: [{%s}]\n",
		"conditions":          "stages: [{beforeEntry: {%s}}]\n",
		"condition":           "stages: [{beforeEntry: {conditions: [{%s}]}}]\n",
		"onFailure":           "stages: [{onFailure: {%s}}]\n",
		"retryConfiguration":  "stages: [{onFailure: {retryConfiguration: {%s}}}]\n",
		"rule":                "stages: [{beforeEntry: {rules: [{%s}]}}]\n",
		"ruleTypeId":          "stages: [{beforeEntry: {rules: [{ruleTypeId: {%s}}]}}]\n",
		"blocker":             "stages: [{blockers: [{%s}]}]\n",
		"artifactStore":       "artifactStore: {%s}\n",
		"encryptionKey":       "artifactStore: {encryptionKey: {%s}}\n",
		"input":               fmt.Sprintf(action, "inputArtifacts: [{%s}]"),
		"output":              fmt.Sprintf(action, "outputArtifacts: [{%s}]"),
		"checkout":            fmt.Sprintf(action, "checkout: {%s}"),
		"approval":            "stages: [{actions: [{provider: Manual, approval: {%s}}]}]\n",
		"environment":         "environments: {production: {%s}}\n",
		"requirement":         "environments: {production: {approval: {allOf: [{%s}]}}}\n",
		"who":                 "environments: {production: {approval: {from: [{%s}]}}}\n",
		"when":                "environments: {production: {approval: {allOf: [{when: {%s}}]}}}\n",
		"escalate":            "environments: {production: {approval: {escalate: {%s}}}}\n",
		"freeze":              "environments: {production: {freezes: [{%s}]}}\n",
		"manual":              "stages: [{actions: [{provider: Manual, configuration: {%s}}]}]\n",
	}
}

func TestEveryKeyIsBuiltOrRefusedByName(t *testing.T) {
	t.Parallel()
	tables := definition.Grammars()
	for place, keys := range words() {
		for _, key := range strings.Fields(keys) {
			_, refused := tables[place].Refused[key]
			if built := slices.Contains(tables[place].Built, key); built == refused {
				t.Errorf("%s: %s: built %t, refused %t", place, key, built, refused)
			}
		}
	}
	for place, holder := range holders() {
		table := tables[place]
		for _, key := range table.Built {
			_, problems := definition.Read("x.yml", fmt.Appendf(nil, holder, key+": 1"), options())
			if s := told(problems); strings.Contains(s, key+": not supported") || strings.Contains(s, `"`+key+`" is not a key`) {
				t.Errorf("%s: %s is in the table of built keys and refused:\n%s", place, key, s)
			}
		}
		for key := range table.Refused {
			_, problems := definition.Read("x.yml", fmt.Appendf(nil, holder, key+": 1"), options())
			if s := told(problems); !strings.Contains(s, key+": not supported in this version") {
				t.Errorf("%s: %s is not refused by its name:\n%s", place, key, s)
			}
		}
		for key := range table.Foreign {
			_, problems := definition.Read("x.yml", fmt.Appendf(nil, holder, key+": 1"), options())
			if s := told(problems); !strings.Contains(s, `"`+key+`" is not a key`) {
				t.Errorf("%s: %s: no such key is not said:\n%s", place, key, s)
			}
		}
	}
}

// TestEveryAWSActionTypeIsKnown holds that each name is judged by its table, with a
// catalog and without one.
func TestEveryAWSActionTypeIsKnown(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields(`CodeStarSourceConnection GitHub CodeCommit S3 ECR CodeBuild ECRBuildAndPublish DeviceFarm
		Jenkins BlazeMeter GhostInspector StormRunner Runscope CloudFormation CloudFormationStackSet CloudFormationStackInstances
		CodeDeploy CodeDeployToECS ECS EKS EC2 Lambda ElasticBeanstalk ServiceCatalog AppConfig OpsWorks AlexaSkillsKit StepFunctions
		CodePipeline InspectorScan Snyk Commands`) {
		file := fmt.Appendf(nil, "stages: [{name: a, actions: [{name: b, provider: %s, configuration: {Xyzzy: 1}}]}]", name)
		_, problems := definition.Read("x.yml", file, definition.Options{})
		s := told(problems)
		if strings.Contains(s, "is not a provider of actions") || !strings.Contains(s, `"Xyzzy" is not a key of `+name) {
			t.Errorf("%s: %s", name, s)
		}
		isCommit := slices.Contains([]string{"CodeStarSourceConnection", "GitHub", "CodeCommit"}, name)
		if warned := strings.Contains(s, "in this version; a run that reaches this action fails"); warned == isCommit {
			t.Errorf("%s: a warning: %t", name, warned)
		}
	}
}

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
		"triggers":     "push pullRequest schedule mergeGroup merge_group tags providerType gitConfiguration",
		"push":         "branches filePaths tags events",
		"pullRequest":  "branches filePaths events",
		"filter":       "includes excludes",
		"stage":        "name actions environment beforeEntry onSuccess onFailure blockers runIf skipIf",
		"actionTypeId": "category owner provider version",
		"action": "name provider actionTypeId runOrder configuration commands outputVariables environmentVariables inputArtifacts outputArtifacts " +
			"namespace region roleArn timeout timeoutInMinutes checkout approval secrets connection runIf skipIf environment",
		"variable":    "name value type",
		"input":       "name",
		"output":      "name files",
		"checkout":    "depth submodules lfs tags",
		"approval":    "timeout required allOf from when preventSelfApproval remindAfter escalate override slack",
		"manual":      "CustomData ExternalEntityLink NotificationArn",
		"environment": "branches approval",
	}
}

// holders write a file with one more key in the place.
func holders() map[string]string {
	const action = "stages: [{name: Build, actions: [{name: test, provider: Commands, commands: [make], %s}]}]"
	return map[string]string{
		"pipeline":     "%s\n",
		"triggers":     "triggers: {%s}\n",
		"push":         "triggers: {push: {%s}}\n",
		"pullRequest":  "triggers: {pullRequest: {%s}}\n",
		"filter":       "triggers: {push: {branches: {%s}}}\n",
		"stage":        "stages: [{%s}]\n",
		"action":       "stages: [{actions: [{%s}]}]\n",
		"actionTypeId": "stages: [{actions: [{actionTypeId: {%s}}]}]\n",
		"variable":     fmt.Sprintf(action, "environmentVariables: [{%s}]"),
		"input":        fmt.Sprintf(action, "inputArtifacts: [{%s}]"),
		"output":       fmt.Sprintf(action, "outputArtifacts: [{%s}]"),
		"checkout":     fmt.Sprintf(action, "checkout: {%s}"),
		"approval":     "stages: [{actions: [{provider: Manual, approval: {%s}}]}]\n",
		"manual":       "stages: [{actions: [{provider: Manual, configuration: {%s}}]}]\n",
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

func TestEveryAWSActionTypeIsKnown(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields(`CodeStarSourceConnection GitHub CodeCommit S3 ECR CodeBuild ECRBuildAndPublish DeviceFarm
		Jenkins BlazeMeter GhostInspector StormRunner Runscope CloudFormation CloudFormationStackSet CloudFormationStackInstances
		CodeDeploy CodeDeployToECS ECS EKS EC2 Lambda ElasticBeanstalk ServiceCatalog AppConfig OpsWorks AlexaSkillsKit StepFunctions
		CodePipeline InspectorScan Snyk Commands`) {
		file := fmt.Appendf(nil, "stages: [{name: a, actions: [{name: b, provider: %s}]}]", name)
		p, problems := definition.Read("x.yml", file, definition.Options{})
		if s := told(problems); p != nil || !strings.Contains(s, name+": ") || !strings.Contains(s, "not supported in this version") {
			t.Errorf("%s: %s", name, s)
		}
		if strings.Contains(told(problems), "Source actions") {
			continue
		}
		if p, problems := definition.Read("x.yml", file, definition.Options{Local: true}); p == nil {
			t.Errorf("%s does not stop a local run: %s", name, told(problems))
		}
	}
}

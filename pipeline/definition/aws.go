package definition

import (
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// awsActionType returns what CodePipeline offers under a name. It is asked only
// for names that the catalog does not have.
func awsActionType(name string) (pipeline.ActionTypeInfo, bool) {
	for _, t := range awsActionTypes() {
		if strings.EqualFold(t.Name, name) {
			return t, true
		}
	}
	return pipeline.ActionTypeInfo{}, false
}

// awsActionTypes are the action types of CodePipeline; the first category is
// what the name alone means.
func awsActionTypes() []pipeline.ActionTypeInfo {
	var types []pipeline.ActionTypeInfo
	add := func(categories []pipeline.Category, names ...string) {
		for _, name := range names {
			types = append(types, pipeline.ActionTypeInfo{Name: name, Categories: categories})
		}
	}
	add([]pipeline.Category{pipeline.CategorySource},
		"CodeStarSourceConnection", "CodeConnections", "GitHub", "CodeCommit", "Bitbucket", "GitLab")
	add([]pipeline.Category{pipeline.CategoryDeploy, pipeline.CategorySource}, "S3", "ECR")
	add([]pipeline.Category{pipeline.CategoryBuild, pipeline.CategoryTest}, "CodeBuild", "Jenkins")
	add([]pipeline.Category{pipeline.CategoryBuild}, "ECRBuildAndPublish")
	add([]pipeline.Category{pipeline.CategoryTest},
		"DeviceFarm", "BlazeMeter", "GhostInspector", "StormRunner", "Runscope")
	add([]pipeline.Category{pipeline.CategoryCompute}, "Commands")
	add([]pipeline.Category{pipeline.CategoryDeploy},
		"CloudFormation", "CloudFormationStackSet", "CloudFormationStackInstances", "CodeDeploy", "CodeDeployToECS",
		"ECS", "EKS", "EC2", "ElasticBeanstalk", "ServiceCatalog", "AppConfig", "OpsWorks", "AlexaSkillsKit")
	add([]pipeline.Category{pipeline.CategoryInvoke, pipeline.CategoryDeploy}, "Lambda")
	add([]pipeline.Category{pipeline.CategoryInvoke}, "StepFunctions", "CodePipeline", "InspectorScan", "Snyk")
	return types
}
